// VirtualHost: declaring and deleting queues. What is durable is in the store before it is answered.
#include "broker/core/equivalence.hpp"
#include "broker/core/queue_id.hpp"
#include "broker/core/virtual_host.hpp"

#include <fmt/format.h>

#include <utility>

namespace broker {

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, DeclareQueue& request) {
    if (is_reply_queue(request.name)) {
        return declare_reply_queue(request);
    }
    ++counters_.queues_declared;
    const auto declared = [&](const Queue& queue) {
        if (queue.definition().durable) {
            gate_.wait_for_topology(channel.connection);
        }
        return Reply(QueueDeclared{queue.name(), static_cast<std::uint32_t>(queue.ready()),
                                   static_cast<std::uint32_t>(queue.consumers().size())});
    };
    if (request.passive) {
        const auto queue = require_queue(channel.connection, request.name);
        return queue.has_error() ? Answer(queue.error()) : Answer(declared(**queue));
    }
    set_default_type(request);
    Queue* queue = find_queue(request.name);
    if (queue == nullptr) {
        return create_queue(channel, request);
    }
    const Queue::Definition& current = queue->definition();
    if (current.exclusive_owner != (request.exclusive ? &channel.connection : nullptr)) {
        return exclusively_locked(*queue);
    }
    queue->note_use();
    auto same = check_equivalent(
        QueueDeclaration{request.durable && !request.exclusive, request.auto_delete, request.arguments},
        QueueDeclaration{current.durable, current.auto_delete, current.arguments}, request.name, name());
    return same.has_error() ? Answer(same.error()) : Answer(declared(*queue));
}

// There is nothing to declare: it tells whether the requester is still there.
VirtualHost::Answer VirtualHost::declare_reply_queue(const DeclareQueue& request) const {
    if (is_reply_address(request.name) && !reply_consumers_.contains(request.name)) {
        return queue_not_found(request.name);
    }
    return Reply(QueueDeclared{request.name, 0, 1});
}

VirtualHost::Answer VirtualHost::create_queue(ChannelPort& channel, DeclareQueue& request) {
    if (!request.server_named && request.name.starts_with(reserved_prefix)) {
        return amqp::access_refused(fmt::format("queue name '{}' contains reserved prefix 'amq.*'", request.name));
    }
    if (const amqp::FieldValue* exchange = request.arguments.find("x-dead-letter-exchange");
        exchange != nullptr && exchange->as_string() == nullptr) {
        return amqp::precondition_failed(
            fmt::format("invalid type '{}' for arg 'x-dead-letter-exchange' in queue '{}' in vhost '{}'",
                        exchange->type_name(), request.name, name()));
    }
    auto options = parse_queue_options(request.arguments, request.name, name());
    if (options.has_error()) {
        return options.error();
    }
    if (request.server_named && options->type != QueueType::classic) {
        return amqp::precondition_failed(
            fmt::format("Cannot declare a server-named queue for type rabbit_{}_queue", broker::name(options->type)));
    }
    auto fitting = check_queue_properties(options->type, {request.durable, request.exclusive, request.auto_delete},
                                          request.name, name());
    if (fitting.has_error()) {
        return fitting.error();
    }
    if (auto allowed = check_queue_limit(request.name); allowed.has_error()) {
        return allowed.error();
    }
    Queue::Definition definition;
    definition.name = request.name;
    definition.virtual_host = name();
    definition.durable = request.durable && !request.exclusive;
    definition.id = next_queue_id(definition.durable);
    definition.auto_delete = request.auto_delete;
    definition.exclusive_owner = request.exclusive ? &channel.connection : nullptr;
    definition.arguments = std::move(request.arguments);
    definition.options = std::move(*options);
    Queue& queue = add_queue(std::move(definition));
    ++counters_.queues_created;
    teller_.created(queue);
    if (queue.definition().durable) {
        const storage::QueueRecord record = record_of(queue);
        commits_.batch().put(storage::key_of(record), storage::encode_record(record));
        gate_.promise_topology(channel.connection);
    }
    return Reply(QueueDeclared{queue.name(), 0, 0});
}

storage::QueueId VirtualHost::next_queue_id(bool survives) {
    return make_queue_id(environment_.store.epoch(), shard_, ++last_queue_number_, survives);
}

Queue& VirtualHost::add_queue(Queue::Definition definition) {
    topology_changed();
    definition.first_sequence = storage::first_sequence(environment_.store.epoch());
    auto queue = std::make_shared<Queue>(std::move(definition), static_cast<QueueHost&>(*this));
    apply_policies(*queue);
    return *(queues_[queue->name()] = queue);
}

VirtualHost::Answer VirtualHost::on(ChannelPort& channel, DeleteQueue& request) {
    if (find_queue(request.name) == nullptr) {
        gate_.wait_for_topology(channel.connection);
        return Reply(QueueDeleted{0}); // deleting what is not there succeeds
    }
    const auto found = require_queue(channel.connection, request.name);
    if (found.has_error()) {
        return found.error();
    }
    Queue& queue = **found;
    if (queue.is_quorum() && (request.if_unused || request.if_empty)) {
        return amqp::not_implemented(
            fmt::format("cannot delete queue '{}' in vhost '{}'. queue.delete operations with {} flag "
                        "set are not supported by quorum queues",
                        request.name, name(), request.if_unused ? "if-unused" : "if-empty"));
    }
    if (request.if_unused && !queue.consumers().empty()) {
        return amqp::precondition_failed(fmt::format("queue '{}' in vhost '{}' in use", request.name, name()));
    }
    if (request.if_empty && queue.ready() > 0) {
        return amqp::precondition_failed(fmt::format("queue '{}' in vhost '{}' not empty", request.name, name()));
    }
    if (queue.definition().durable) {
        gate_.promise_topology(channel.connection);
    }
    return Reply(QueueDeleted{static_cast<std::uint32_t>(queue.ready())}); // then it is deleted, and consumers are told
}

void VirtualHost::after_answer(DeleteQueue& request) {
    if (Queue* queue = find_queue(request.name)) {
        delete_queue(*queue);
    }
}

void VirtualHost::delete_queue(Queue& queue) {
    topology_changed();
    ++counters_.queues_deleted;
    const std::shared_ptr<Queue> owned = std::move(queues_.extract(queues_.find(queue.name())).mapped());
    if (queue.definition().durable) {
        commits_.batch().erase(storage::key_of(record_of(queue)));
    }
    if (queue.may_be_stored()) {
        commits_.batch().remove_queue(queue.definition().id);
    }
    queue.clear_for_deletion();
    resume_publishers(queue);
    serve_waiting_gets(queue);
    std::vector<ConsumerPtr> consumers;
    queue.consumers().for_each([&](Consumer& consumer) { consumers.emplace_back(&consumer); });
    for (const ConsumerPtr& consumer : consumers) {
        teller_.deleted(*consumer);
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
    teller_.deleted(queue);
}

} // namespace broker
