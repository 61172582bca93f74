// VirtualHost: consumers, basic.get, purge, prefetch, transactions.
#include "broker/core/virtual_host.hpp"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

GetOk get_ok(Consumer& consumer, Queue::Got got) {
    ReadyMessage& message = got.message;
    return {Deliver{&consumer, std::move(message.message), message.sequence, message.expires_at_ms,
                    message.delivery_count, message.redelivered},
            static_cast<std::uint32_t>(got.messages_left)};
}

} // namespace

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, Consume& request) {
    if (!request.reply_address.empty()) {
        reply_consumers_.add(channel, request.consumer, std::move(request.reply_address));
        return Reply(ConsumeOk{request.consumer});
    }
    const Consumer::Options& options = request.consumer->options();
    const auto queue = require_queue(channel.connection, options.queue);
    if (queue.has_error()) {
        return queue.error();
    }
    if (!(*queue)->may_consume(options.exclusive)) {
        return amqp::access_refused("queue '" + options.queue + "' in vhost '" + name() + "' in exclusive use");
    }
    if ((*queue)->is_quorum() && channel.global_prefetch != 0) {
        return amqp::not_implemented("queue '" + options.queue + "' in vhost '" + name() +
                                     "' does not support global qos");
    }
    request.consumer->strand.channel = &channel;
    channel.consumers.push_back(request.consumer.get());
    (*queue)->add_consumer(request.consumer);
    teller_.created(*request.consumer);
    return Reply(ConsumeOk{request.consumer});
}

void VirtualHost::remove_consumer(Consumer& consumer) {
    teller_.deleted(consumer);
    std::erase(consumer.strand.channel->consumers, &consumer);
    const std::shared_ptr<Queue> queue = consumer.strand.queue;
    if (queue->remove_consumer(consumer)) {
        delete_queue(*queue);
    } else {
        queue->pump(); // the next single active consumer takes over
    }
}

void VirtualHost::after_answer(Consume& request) {
    if (Queue* queue = request.consumer->strand.queue.get()) { // direct reply-to has none
        queue->pump();
    }
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, Cancel& request) {
    if (channel.reply_consumer != nullptr && channel.reply_consumer->consumer() == request.consumer) {
        reply_consumers_.remove(channel);
    } else if (request.consumer->strand.registered) {
        remove_consumer(*request.consumer);
    }
    return Reply(CancelOk{request.consumer});
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, Get& request) {
    const auto found = require_queue(channel.connection, request.consumer->options().queue);
    if (found.has_error()) {
        return found.error();
    }
    Queue& queue = **found;
    if (queue.definition().options.single_active_consumer) {
        return amqp::resource_locked("cannot obtain access to locked queue '" + queue.name() + "' in vhost '" + name() +
                                     "'. basic.get operations are not supported by " +
                                     std::string(broker::name(queue.definition().options.type)) +
                                     " queues with single active consumer");
    }
    request.consumer->strand.channel = &channel;
    Queue::Got got;
    switch (queue.get(request.consumer, got)) {
    case Queue::Get::empty:
        return Reply(GetEmpty{});
    case Queue::Get::wait:
        waiting_gets_[&queue].push_back({&channel, request.consumer, channel.connection.reserve()});
        return std::optional<Reply>();
    case Queue::Get::got:
        break;
    }
    channel.connection.emit(get_ok(*request.consumer, std::move(got)));
    return std::optional<Reply>();
}

void VirtualHost::serve_waiting_gets(Queue& queue) {
    const auto found = waiting_gets_.find(&queue);
    if (found == waiting_gets_.end()) {
        return;
    }
    std::vector<WaitingGet> waiting = std::move(found->second);
    waiting_gets_.erase(found);
    for (WaitingGet& get : waiting) {
        ConnectionPort& port = get.channel->connection;
        Queue::Got got;
        switch (queue.get(get.consumer, got)) {
        case Queue::Get::wait:
            waiting_gets_[&queue].push_back(std::move(get));
            break;
        case Queue::Get::empty:
            port.fill(get.reservation, Replied{get.channel->number, std::make_unique<Reply>(GetEmpty{})});
            break;
        case Queue::Get::got:
            port.fill(get.reservation, get_ok(*get.consumer, std::move(got)));
        }
    }
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, PurgeQueue& request) {
    const auto queue = require_queue(channel.connection, request.name);
    if (queue.has_error()) {
        return queue.error();
    }
    return Reply(QueuePurged{static_cast<std::uint32_t>((*queue)->purge())});
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, SetGlobalPrefetch& request) {
    channel.global_prefetch = request.prefetch;
    for (Consumer* consumer : channel.consumers) {
        consumer->strand.queue->unblock(*consumer);
    }
    for (Consumer* consumer : channel.consumers) {
        consumer->strand.queue->pump();
    }
    return Reply(Done{{60, 11}});
}

VirtualHost::Answer VirtualHost::on(ChannelPort&, Echo& request) {
    return Reply(Done{request.ok});
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, CommitTransaction&) {
    if (std::exchange(channel.transaction_incomplete, false)) {
        return amqp::precondition_failed("partial tx completion");
    }
    if (!commits_.batch().empty()) {
        gate_.promise(channel.connection);
    }
    return Reply(Done{{90, 21}});
}

} // namespace broker
