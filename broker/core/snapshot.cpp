#include "broker/core/snapshot.hpp"

#include "broker/core/message_content.hpp"

namespace broker {
namespace {

template <class Things>
std::vector<std::string> names_of(const Things& things) {
    std::vector<std::string> names;
    names.reserve(things.size());
    for (const auto& [name, thing] : things) {
        names.push_back(name);
    }
    return names;
}

template <class Bindings>
std::vector<BindingSnapshot> copies_of(const Bindings& bindings) {
    std::vector<BindingSnapshot> copies;
    copies.reserve(bindings.size());
    for (const auto& bound : bindings) {
        copies.push_back(snapshot_of(*bound));
    }
    return copies;
}

std::string exclusive_consumer_tag(const Queue& queue) {
    std::string tag;
    if (queue.consumers().size() == 1) {
        queue.consumers().for_each([&](const Consumer& consumer) {
            if (consumer.options().exclusive) {
                tag = consumer.options().tag;
            }
        });
    }
    return tag;
}

} // namespace

std::vector<std::string> queue_names(const VirtualHost& virtual_host) {
    return names_of(virtual_host.queues());
}

std::vector<std::string> exchange_names(const VirtualHost& virtual_host) {
    return names_of(virtual_host.exchanges());
}

std::optional<std::uint64_t> head_timestamp_s(const Queue& queue) {
    const amqp::Message* head = queue.head();
    return head == nullptr ? std::nullopt : MessageContent(*head).properties().timestamp;
}

QueueSnapshot snapshot_of(const Queue& queue) {
    const Queue::Definition& definition = queue.definition();
    QueueSnapshot snapshot;
    snapshot.name = definition.name;
    snapshot.type = definition.options.type;
    snapshot.durable = definition.durable;
    snapshot.auto_delete = definition.auto_delete;
    snapshot.exclusive = queue.exclusive();
    if (definition.exclusive_owner != nullptr) {
        snapshot.owner = definition.exclusive_owner->name;
    }
    snapshot.arguments = definition.arguments;
    snapshot.policies = queue.policies();
    snapshot.ready = queue.ready();
    snapshot.ready_bytes = queue.ready_bytes();
    snapshot.unacked = queue.unacked();
    snapshot.unacked_bytes = queue.unacked_bytes();
    snapshot.resident = queue.resident();
    snapshot.footprint = queue.footprint();
    snapshot.consumers = queue.consumers().size();
    snapshot.exclusive_consumer_tag = exclusive_consumer_tag(queue);
    if (const Consumer* active = queue.consumers().active()) {
        snapshot.single_active_consumer_tag = active->options().tag;
    }
    snapshot.statistics = queue.statistics();
    snapshot.last_active_ms = queue.last_active_ms();
    snapshot.waited_ms = queue.waited_ms();
    snapshot.waiting = queue.ready() > 0 && !queue.consumers().empty();
    snapshot.head_timestamp_s = head_timestamp_s(queue);
    return snapshot;
}

ExchangeSnapshot snapshot_of(const Exchange& exchange) {
    const Exchange::Definition& definition = exchange.definition();
    return {definition.name,     definition.type,      definition.durable,    definition.auto_delete,
            definition.internal, definition.arguments, exchange.policies(),   exchange.published_in,
            exchange.published_out};
}

BindingSnapshot snapshot_of(const BoundBinding& bound) {
    const Destination& destination = *bound.binding.destination;
    const std::string& name = destination.kind() == Destination::Kind::queue
                                  ? static_cast<const Queue&>(destination).name()
                                  : static_cast<const Exchange&>(destination).name();
    return {bound.source->name(), name, destination.kind(), bound.binding.routing_key, bound.binding.arguments};
}

VirtualHostSnapshot snapshot_of(const VirtualHost& virtual_host) {
    VirtualHostSnapshot snapshot;
    snapshot.connections = virtual_host.connections().size();
    for (const ConnectionPort* port : virtual_host.connections()) {
        snapshot.channels += port->channels.size();
    }
    snapshot.queues = virtual_host.queues().size();
    snapshot.exchanges = virtual_host.exchanges().size();
    snapshot.counts = virtual_host.counts();
    return snapshot;
}

VirtualHostSnapshot& VirtualHostSnapshot::operator+=(const VirtualHostSnapshot& other) {
    connections += other.connections;
    channels += other.channels;
    queues += other.queues;
    exchanges += other.exchanges;
    consumers += other.consumers;
    ready += other.ready;
    unacked += other.unacked;
    counts += other.counts;
    return *this;
}

std::vector<ConsumerSnapshot> consumers_of(const Queue& queue) {
    std::vector<ConsumerSnapshot> consumers;
    const bool single_active = queue.definition().options.single_active_consumer;
    queue.consumers().for_each([&](const Consumer& consumer) {
        const Consumer::Options& options = consumer.options();
        const ConnectionPort& connection = consumer.strand.channel->connection; // there while it is registered
        consumers.push_back({queue.name(), options.tag, connection.name, connection.user_name, options.channel,
                             options.no_ack, options.exclusive, single_active,
                             !single_active || queue.consumers().active() == &consumer, options.prefetch,
                             options.arguments, consumer.timeout_ms.load(std::memory_order_relaxed)});
    });
    return consumers;
}

std::vector<BindingSnapshot> bindings_from(const Exchange& source) {
    return copies_of(source.bindings());
}

std::vector<BindingSnapshot> bindings_to(const Exchange& destination) {
    return copies_of(destination.incoming);
}

std::vector<BindingSnapshot> bindings_to(const Queue& destination) {
    return copies_of(destination.bindings);
}

} // namespace broker
