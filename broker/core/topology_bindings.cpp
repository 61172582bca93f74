// VirtualHost: binding queues and exchanges to exchanges. What is durable is in the store before it is answered.
#include "broker/core/virtual_host.hpp"

#include <utility>
#include <variant>

namespace broker {
namespace {

bool durable(const Destination& destination) {
    return destination.kind() == Destination::Kind::queue
               ? static_cast<const Queue&>(destination).definition().durable
               : static_cast<const Exchange&>(destination).definition().durable;
}

amqp::Result<> check_local_random(const Exchange& source, const Destination& destination) {
    if (!std::holds_alternative<LocalRandomRouter>(source.router())) {
        return {};
    }
    if (destination.kind() != Destination::Kind::queue) {
        return amqp::precondition_failed("Destination not found");
    }
    if (static_cast<const Queue&>(destination).definition().options.type == QueueType::quorum) {
        return amqp::precondition_failed("Queue type rabbit_quorum_queue not valid for this exchange type");
    }
    return {};
}

} // namespace

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, BindQueue& request) {
    if (request.exchange.empty()) {
        return default_exchange_refused();
    }
    if (is_reply_queue(request.queue)) {
        return amqp::access_refused("cannot bind or unbind to a volatile (direct reply-to) queue");
    }
    const amqp::MethodId ok = request.unbind ? amqp::MethodId{50, 51} : amqp::MethodId{50, 21};
    Queue* queue = find_queue(request.queue);
    Exchange* exchange = find_exchange(request.exchange);
    if (request.unbind && (queue == nullptr || exchange == nullptr)) {
        gate_.wait_for_topology(channel.connection);
        return Reply(Done{ok}); // nothing to unbind is no mistake
    }
    if (const auto found = require_exchange(request.exchange); found.has_error()) { // asked for first, as in RabbitMQ
        return found.error();
    }
    if (const auto found = require_queue(channel.connection, request.queue); found.has_error()) {
        return found.error();
    }
    auto changed =
        change_binding(channel.connection, *exchange,
                       {queue, std::move(request.routing_key), std::move(request.arguments)}, request.unbind);
    return changed.has_error() ? Answer(changed.error()) : Answer(Reply(Done{ok}));
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, BindExchange& request) {
    if (request.source.empty() || request.destination.empty()) {
        return default_exchange_refused();
    }
    const amqp::MethodId ok = request.unbind ? amqp::MethodId{40, 51} : amqp::MethodId{40, 31};
    Exchange* source = find_exchange(request.source);
    Exchange* destination = find_exchange(request.destination);
    if (request.unbind && (source == nullptr || destination == nullptr)) {
        gate_.wait_for_topology(channel.connection);
        return Reply(Done{ok});
    }
    for (const std::string* needed : {&request.source, &request.destination}) {
        if (const auto found = require_exchange(*needed); found.has_error()) {
            return found.error();
        }
    }
    auto changed =
        change_binding(channel.connection, *source,
                       {destination, std::move(request.routing_key), std::move(request.arguments)}, request.unbind);
    return changed.has_error() ? Answer(changed.error()) : Answer(Reply(Done{ok}));
}

amqp::Result<> VirtualHost::check_topic(ConnectionPort& port, const Exchange& source,
                                        std::string_view routing_key) const {
    if (port.topic_guard == nullptr || source.definition().type != "topic") {
        return {};
    }
    return port.topic_guard->check_read(source.name(), routing_key);
}

amqp::Result<> VirtualHost::change_binding(ConnectionPort& port, Exchange& source, Binding binding, bool unbind) {
    if (auto permitted = check_topic(port, source, binding.routing_key); permitted.has_error()) {
        return permitted;
    }
    if (unbind) {
        if (auto bound = source.unbind(binding)) {
            const bool was_durable = bound->durable;
            if (Exchange* abandoned = forget_binding(std::move(bound))) {
                delete_exchange(*abandoned);
            }
            if (was_durable) {
                gate_.promise_topology(port);
            }
        } else {
            gate_.wait_for_topology(port);
        }
        return {};
    }
    if (auto valid = validate_binding(source.router(), binding.routing_key, binding.arguments); valid.has_error()) {
        return valid.error();
    }
    Destination& destination = *binding.destination;
    if (auto valid = check_local_random(source, destination); valid.has_error()) {
        return valid.error();
    }
    const bool both_durable = source.definition().durable && durable(destination);
    const BoundBinding* bound = add_binding(source, std::move(binding), both_durable);
    if (bound != nullptr) {
        teller_.bound(source, bound->binding);
    }
    if (bound != nullptr && source.parts.history) {
        replay_history(source, destination);
    }
    if (bound == nullptr) { // it was there
        gate_.wait_for_topology(port);
    } else if (both_durable) {
        const storage::BindingRecord record = record_of(*bound);
        commits_.batch().put(storage::key_of(record), storage::encode_record(record));
        gate_.promise_topology(port);
    }
    return {};
}

BoundBinding* VirtualHost::add_binding(Exchange& source, Binding binding, bool survives) {
    Destination& destination = *binding.destination;
    BoundBinding* bound = source.bind(std::move(binding), survives);
    if (bound == nullptr) {
        return nullptr; // it was there
    }
    topology_changed();
    (destination.kind() == Destination::Kind::queue ? static_cast<Queue&>(destination).bindings
                                                    : static_cast<Exchange&>(destination).incoming)
        .insert(bound);
    note_event_bindings(source);
    return bound;
}

Exchange* VirtualHost::forget_binding(std::unique_ptr<BoundBinding> bound) {
    topology_changed();
    Destination& destination = *bound->binding.destination;
    (destination.kind() == Destination::Kind::queue ? static_cast<Queue&>(destination).bindings
                                                    : static_cast<Exchange&>(destination).incoming)
        .erase(bound.get());
    if (bound->durable) {
        commits_.batch().erase(storage::key_of(record_of(*bound)));
    }
    Exchange& source = *bound->source;
    teller_.unbound(source, bound->binding);
    note_event_bindings(source);
    const bool abandoned =
        source.definition().auto_delete && source.bindings().empty() && find_exchange(source.name()) == &source;
    return abandoned ? &source : nullptr;
}

} // namespace broker
