// VirtualHost: finding exchanges and queues, and their records in the store.
#include "broker/core/virtual_host.hpp"

#include <fmt/format.h>

#include <utility>

namespace broker {
namespace {

const std::string& name_of(const Destination& destination) {
    return destination.kind() == Destination::Kind::queue ? static_cast<const Queue&>(destination).name()
                                                          : static_cast<const Exchange&>(destination).name();
}

} // namespace

Exchange* VirtualHost::find_exchange(std::string_view exchange_name) {
    const auto found = exchanges_.find(exchange_name);
    return found == exchanges_.end() ? nullptr : found->second.get();
}

Queue* VirtualHost::find_queue(std::string_view queue_name) {
    const auto found = queues_.find(queue_name);
    return found == queues_.end() ? nullptr : found->second.get();
}

amqp::Result<Exchange*> VirtualHost::require_exchange(std::string_view exchange_name) {
    if (Exchange* exchange = find_exchange(exchange_name)) {
        return exchange;
    }
    return amqp::not_found(fmt::format("no exchange '{}' in vhost '{}'", exchange_name, name()));
}

amqp::Result<Queue*> VirtualHost::require_queue(ConnectionPort& port, std::string_view queue_name) {
    Queue* queue = find_queue(queue_name);
    if (queue == nullptr) {
        return queue_not_found(queue_name);
    }
    if (queue->exclusive() && queue->definition().exclusive_owner != &port) {
        return exclusively_locked(*queue);
    }
    return queue;
}

amqp::Error VirtualHost::queue_not_found(std::string_view queue_name) const {
    return amqp::not_found(fmt::format("no queue '{}' in vhost '{}'", queue_name, name()));
}

amqp::Error VirtualHost::exclusively_locked(const Queue& queue) const {
    return amqp::resource_locked(fmt::format(
        "cannot obtain exclusive access to locked queue '{}' in vhost '{}'. It could be originally declared "
        "on another connection or the exclusive property value does not match that of the original "
        "declaration.",
        queue.name(), name()));
}

amqp::Error VirtualHost::default_exchange_refused() {
    return amqp::access_refused("operation not permitted on the default exchange");
}

// --- records
// ----------------------------------------------------------------------------------------------------------

storage::ExchangeRecord VirtualHost::record_of(const Exchange& exchange) const {
    const Exchange::Definition& definition = exchange.definition();
    return {definition.name,
            definition.type,
            definition.auto_delete,
            definition.internal,
            definition.arguments.encode(),
            exchange.parts.kept_queue};
}

storage::QueueRecord VirtualHost::record_of(const Queue& queue) const {
    const Queue::Definition& definition = queue.definition();
    return {definition.name, definition.id, definition.auto_delete, false, definition.arguments.encode()};
}

storage::BindingRecord VirtualHost::record_of(const BoundBinding& bound) const {
    const Binding& binding = bound.binding;
    return {bound.source->name(), name_of(*binding.destination),
            binding.destination->kind() == Destination::Kind::queue ? storage::DestinationType::queue
                                                                    : storage::DestinationType::exchange,
            binding.routing_key, binding.arguments.encode()};
}

} // namespace broker
