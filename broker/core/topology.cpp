// VirtualHost: declaring and deleting exchanges and queues. What is durable is in the store before it is answered.
#include "broker/core/equivalence.hpp"
#include "broker/core/virtual_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace broker {
namespace {

constexpr std::string_view reserved_prefix = "amq.";

struct Predefined {
    std::string_view name, type;
    bool internal = false;
};
constexpr std::array predefined_exchanges{
    Predefined{"", "direct"},          Predefined{"amq.direct", "direct"},   Predefined{"amq.fanout", "fanout"},
    Predefined{"amq.topic", "topic"},  Predefined{"amq.headers", "headers"}, Predefined{"amq.match", "headers"},
    Predefined{"amq.rabbitmq.trace", "topic", true},
};

} // namespace

amqp::Error VirtualHost::default_exchange_refused() {
    return amqp::access_refused("operation not permitted on the default exchange");
}

bool VirtualHost::is_predefined(std::string_view exchange_name) {
    return std::any_of(predefined_exchanges.begin(), predefined_exchanges.end(),
                       [&](const Predefined& predefined) { return predefined.name == exchange_name; });
}

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
        return amqp::not_found(fmt::format("no queue '{}' in vhost '{}'", queue_name, name()));
    }
    if (queue->exclusive() && queue->definition().exclusive_owner != &port) {
        return exclusively_locked(*queue);
    }
    return queue;
}

amqp::Error VirtualHost::exclusively_locked(const Queue& queue) const {
    return amqp::resource_locked(
        fmt::format("cannot obtain exclusive access to locked queue '{}' in vhost '{}'. It could be originally declared "
                    "on another connection or the exclusive property value does not match that of the original "
                    "declaration.",
                    queue.name(), name()));
}

// --- exchanges --------------------------------------------------------------------------------------------------------

void VirtualHost::declare_predefined_exchanges() {
    for (const auto& [exchange_name, type, internal] : predefined_exchanges) {
        add_exchange({std::string(exchange_name), name(), std::string(type), true, false, internal, {}});
    }
}

Exchange& VirtualHost::add_exchange(Exchange::Definition definition) {
    topology_changed();
    AnyRouter router = *make_router(definition.type);
    auto exchange = std::make_unique<Exchange>(std::move(definition), std::move(router));
    return *(exchanges_[exchange->name()] = std::move(exchange));
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, DeclareExchange& request) {
    if (request.passive) {
        if (request.name.empty()) {
            return default_exchange_refused();
        }
        const auto found = require_exchange(request.name);
        if (found.has_error()) {
            return found.error();
        }
        wait_for_topology(channel.connection);
        return Reply(Done{{40, 11}});
    }
    if (!is_known_type(request.type)) {
        return amqp::precondition_failed(fmt::format("unknown exchange type '{}'", request.type));
    }
    if (request.name.empty()) {
        return default_exchange_refused();
    }
    if (Exchange* exchange = find_exchange(request.name)) {
        const Exchange::Definition& current = exchange->definition();
        auto same = check_equivalent(
            ExchangeDeclaration{request.type, request.durable, request.auto_delete, request.internal, request.arguments},
            ExchangeDeclaration{current.type, current.durable, current.auto_delete, current.internal, current.arguments},
            request.name, name());
        wait_for_topology(channel.connection);
        return same.has_error() ? Answer(same.error()) : Answer(Reply(Done{{40, 11}}));
    }
    if (request.name.starts_with(reserved_prefix)) {
        return amqp::access_refused(fmt::format("exchange name '{}' contains reserved prefix 'amq.*'", request.name));
    }
    if (const amqp::FieldValue* alternate = request.arguments.find("alternate-exchange");
        alternate != nullptr && alternate->as_string() == nullptr) {
        return amqp::precondition_failed(fmt::format("invalid type '{}' for arg 'alternate-exchange' in exchange '{}' in "
                                                     "vhost '{}'",
                                                     alternate->type_name(), request.name, name()));
    }
    Exchange& exchange = add_exchange({request.name, name(), request.type, request.durable, request.auto_delete,
                                       request.internal, std::move(request.arguments)});
    if (request.durable) {
        const storage::ExchangeRecord record = record_of(exchange);
        commits_.batch().put(storage::key_of(record), storage::encode_record(record));
        promise_topology(channel.connection);
    }
    return Reply(Done{{40, 11}});
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, DeleteExchange& request) {
    if (request.name.empty()) {
        return default_exchange_refused();
    }
    if (request.name.starts_with(reserved_prefix)) {
        return amqp::access_refused(
            fmt::format("deletion of system exchange '{}' in vhost '{}' not allowed", request.name, name()));
    }
    Exchange* exchange = find_exchange(request.name);
    if (exchange == nullptr) {
        wait_for_topology(channel.connection);
        return Reply(Done{{40, 21}}); // deleting what is not there succeeds
    }
    if (request.if_unused && !exchange->bindings().empty()) {
        return amqp::precondition_failed(fmt::format("exchange '{}' in vhost '{}' in use", request.name, name()));
    }
    const bool was_durable = exchange->definition().durable;
    delete_exchange(*exchange);
    if (was_durable) {
        promise_topology(channel.connection);
    }
    return Reply(Done{{40, 21}});
}

// With the auto-delete exchanges that led here only. A list of work, no recursion: peers may build chains of any length.
void VirtualHost::delete_exchange(Exchange& exchange) {
    topology_changed();
    std::vector<std::unique_ptr<Exchange>> deleted;
    // Taken out first, so that a chain that leads back finds nothing.
    const auto take_out = [&](Exchange& next) {
        deleted.push_back(std::move(exchanges_.extract(exchanges_.find(next.name())).mapped()));
    };
    take_out(exchange);
    for (std::size_t i = 0; i < deleted.size(); ++i) {
        Exchange& next = *deleted[i];
        if (next.definition().durable) {
            commits_.batch().erase(storage::key_of(record_of(next)));
        }
        while (!next.bindings().empty()) {
            forget_binding(next.unbind(**next.bindings().begin()));
        }
        while (!next.incoming.empty()) {
            BoundBinding& bound = **next.incoming.begin();
            if (Exchange* abandoned = forget_binding(bound.source->unbind(bound))) {
                take_out(*abandoned);
            }
        }
    }
}

// --- queues -----------------------------------------------------------------------------------------------------------

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, DeclareQueue& request) {
    ++counters_.queues_declared;
    const auto declared = [&](const Queue& queue) {
        if (queue.definition().durable) {
            wait_for_topology(channel.connection);
        }
        return Reply(QueueDeclared{queue.name(), static_cast<std::uint32_t>(queue.ready()),
                                   static_cast<std::uint32_t>(queue.consumers().size())});
    };
    if (request.passive) {
        const auto queue = require_queue(channel.connection, request.name);
        return queue.has_error() ? Answer(queue.error()) : Answer(declared(**queue));
    }
    Queue* queue = find_queue(request.name);
    if (queue == nullptr) {
        return create_queue(channel, request);
    }
    const Queue::Definition& current = queue->definition();
    if (current.exclusive_owner != (request.exclusive ? &channel.connection : nullptr)) {
        return exclusively_locked(*queue);
    }
    auto same = check_equivalent(
        QueueDeclaration{request.durable && !request.exclusive, request.auto_delete, request.arguments},
        QueueDeclaration{current.durable, current.auto_delete, current.arguments}, request.name, name());
    return same.has_error() ? Answer(same.error()) : Answer(declared(*queue));
}

VirtualHost::Answer VirtualHost::create_queue(ChannelPort& channel, DeclareQueue& request) {
    if (!request.server_named && request.name.starts_with(reserved_prefix)) {
        return amqp::access_refused(fmt::format("queue name '{}' contains reserved prefix 'amq.*'", request.name));
    }
    auto options = parse_queue_options(request.arguments, request.name, name());
    if (options.has_error()) {
        return options.error();
    }
    if (request.server_named && options->type != QueueType::classic) {
        return amqp::precondition_failed(fmt::format("Cannot declare a server-named queue for type rabbit_{}_queue",
                                                     broker::name(options->type)));
    }
    auto fitting = check_queue_properties(options->type, {request.durable, request.exclusive, request.auto_delete},
                                          request.name, name());
    if (fitting.has_error()) {
        return fitting.error();
    }
    if (!request.arguments.contains("x-queue-type")) {
        request.arguments.set("x-queue-type", "classic"); // as RabbitMQ since 4.1 shows it
    }
    Queue::Definition definition;
    definition.name = request.name;
    definition.virtual_host = name();
    definition.id = next_queue_id();
    definition.durable = request.durable && !request.exclusive;
    definition.auto_delete = request.auto_delete;
    definition.exclusive_owner = request.exclusive ? &channel.connection : nullptr;
    definition.arguments = std::move(request.arguments);
    definition.options = std::move(*options);
    Queue& queue = add_queue(std::move(definition));
    ++counters_.queues_created;
    if (queue.definition().durable) {
        const storage::QueueRecord record = record_of(queue);
        commits_.batch().put(storage::key_of(record), storage::encode_record(record));
        promise_topology(channel.connection);
    }
    return Reply(QueueDeclared{queue.name(), 0, 0});
}

storage::QueueId VirtualHost::next_queue_id() {
    // The epoch makes it unlike any id of an earlier life, the shard unlike those of other virtual hosts.
    return (environment_.store.epoch() << 44) | (std::uint64_t{shard_} << 28) | ++last_queue_number_;
}

Queue& VirtualHost::add_queue(Queue::Definition definition) {
    topology_changed();
    definition.first_sequence = storage::first_sequence(environment_.store.epoch());
    auto queue = std::make_shared<Queue>(std::move(definition), static_cast<QueueHost&>(*this));
    return *(queues_[queue->name()] = queue);
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, DeleteQueue& request) {
    if (find_queue(request.name) == nullptr) {
        wait_for_topology(channel.connection);
        return Reply(QueueDeleted{0}); // deleting what is not there succeeds
    }
    const auto found = require_queue(channel.connection, request.name);
    if (found.has_error()) {
        return found.error();
    }
    Queue& queue = **found;
    if (request.if_unused && !queue.consumers().empty()) {
        return amqp::precondition_failed(fmt::format("queue '{}' in vhost '{}' in use", request.name, name()));
    }
    if (request.if_empty && queue.ready() > 0) {
        return amqp::precondition_failed(fmt::format("queue '{}' in vhost '{}' not empty", request.name, name()));
    }
    const auto messages = static_cast<std::uint32_t>(queue.ready());
    const bool was_durable = queue.definition().durable;
    delete_queue(queue);
    if (was_durable) {
        promise_topology(channel.connection);
    }
    return Reply(QueueDeleted{messages});
}

void VirtualHost::delete_queue(Queue& queue) {
    topology_changed();
    ++counters_.queues_deleted;
    const std::shared_ptr<Queue> owned = std::move(queues_.extract(queues_.find(queue.name())).mapped());
    if (queue.definition().durable) {
        commits_.batch().erase(storage::key_of(record_of(queue)));
        commits_.batch().remove_queue(queue.definition().id);
    }
    queue.clear_for_deletion();
    serve_waiting_gets(queue);
    std::vector<ConsumerPtr> consumers;
    queue.consumers().for_each([&](Consumer& consumer) { consumers.emplace_back(&consumer); });
    for (const ConsumerPtr& consumer : consumers) {
        std::erase(consumer->strand.channel->consumers, consumer.get());
        queue.remove_consumer(*consumer);
        consumer->strand.channel->connection.emit(ConsumerGone{consumer});
    }
    while (!queue.bindings.empty()) {
        BoundBinding& bound = **queue.bindings.begin();
        if (Exchange* abandoned = forget_binding(bound.source->unbind(bound))) {
            delete_exchange(*abandoned);
        }
    }
}

} // namespace broker
