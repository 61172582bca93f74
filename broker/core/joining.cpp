// How channels and connections begin and end in a virtual host. All on the strand.
#include "broker/core/virtual_host.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace broker {

void VirtualHost::open_channel(ConnectionPort& port, amqp::ChannelNumber number) {
    if (port.stopped) {
        return;
    }
    const auto& channel = port.channels[number] = std::make_unique<ChannelPort>(port, number);
    port.last_channel_ = nullptr;
    ++counters_.channels_created;
    teller_.created(*channel);
    port.emit(Replied{number, std::make_unique<Reply>(Done{{20, 11}})});
}

void VirtualHost::stop(ChannelPort& channel) {
    channel.stopped = true;
    reply_consumers_.remove(channel);
    while (!channel.consumers.empty()) {
        const ConsumerPtr consumer(channel.consumers.back());
        remove_consumer(*consumer);
    }
}

void VirtualHost::stop(ConnectionPort& port) {
    port.stopped = true;
    for (auto& [number, channel] : port.channels) {
        channel->stopped = true; // all of them, before any makes place for another
    }
    for (auto& [number, channel] : port.channels) {
        stop(*channel);
    }
}

void VirtualHost::fail(ChannelPort& channel, amqp::Error error, amqp::MethodId method) {
    if (error.scope == amqp::Scope::connection) {
        return fail(channel.connection, std::move(error), method);
    }
    stop(channel);
    channel.connection.emit(
        ChannelFailed{channel.number, std::make_unique<Failure>(Failure{std::move(error), method})});
}

void VirtualHost::fail(ConnectionPort& port, amqp::Error error, amqp::MethodId method) {
    if (port.stopped) {
        return;
    }
    stop(port);
    port.emit(ConnectionFailed{std::make_unique<Failure>(Failure{std::move(error), method})});
}

void VirtualHost::close_connection(ConnectionPort& port, amqp::Error error) {
    fail(port, std::move(error), {});
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, FailChannel& request) {
    (void)channel;
    return std::move(request.error);
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, StopChannel&) {
    stop(channel);
    channel.connection.emit(ChannelStopped{channel.number});
    return std::optional<Reply>();
}

void VirtualHost::finish_channel(ConnectionPort& port, amqp::ChannelNumber number) {
    if (const auto found = port.channels.find(number); found != port.channels.end()) {
        teller_.closed(*found->second);
        port.channels.erase(found);
        ++counters_.channels_closed;
    }
    port.last_channel_ = nullptr;
    gate_.wait_for_confirms(port); // the number must not be used again before them
    port.emit(ChannelClosed{number});
}

void VirtualHost::finish(ConnectionPort& port) {
    stop(port);
    teller_.act_for(nullptr); // that its exclusive queues go is nobody's doing
    std::vector<Queue*> exclusive;
    for (const auto& [name, queue] : queues_) {
        if (queue->definition().exclusive_owner == &port) {
            exclusive.push_back(queue.get());
        }
    }
    for (Queue* queue : exclusive) {
        delete_queue(*queue);
    }
    if (port.slowed_by != nullptr) {
        resume(port);
    }
    for (const auto& [number, channel] : port.channels) {
        teller_.closed(*channel);
    }
    counters_.channels_closed += port.channels.size();
    port.channels.clear();
    port.last_channel_ = nullptr;
    gate_.wait_for_confirms(port);
    connections_.erase(&port);
    ++counters_.connections_closed;
    port.emit(ConnectionClosed{});
    remove_topology_if_empty();
}

void VirtualHost::restrict_topics(ConnectionPort& port, TopicGuardPtr guard) {
    port.topic_guard = std::move(guard);
    for (auto& [number, channel] : port.channels) {
        channel->route = {}; // what was permitted need not be so now
    }
}

void VirtualHost::resume_deliveries(ConnectionPort& port) {
    for (auto& [number, channel] : port.channels) {
        for (Consumer* consumer : channel->consumers) {
            if (consumer->strand.blocked) {
                consumer->strand.queue->unblock(*consumer);
            }
        }
        for (Consumer* consumer : channel->consumers) {
            consumer->strand.queue->pump();
        }
    }
}

} // namespace broker
