// VirtualHost: from records and queue states back to live objects. Order: exchanges and queues, then bindings, then
// what the queues hold. Nothing of a message is read here; queues read their pages when somebody wants them.
#include "broker/core/exchange_type.hpp"
#include "broker/core/queue_id.hpp"
#include "broker/core/virtual_host.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace broker {
namespace {

amqp::FieldTable decode_arguments(const std::string& encoded, const storage::RecordKey& key) {
    auto table = amqp::FieldTable::decode({encoded});
    if (table.has_error()) {
        throw std::runtime_error(fmt::format("the arguments of '{}' are damaged: {}", key.name, table.error().text));
    }
    return std::move(*table);
}

} // namespace

void VirtualHost::recover_record(storage::RecordKey key, std::string_view value) {
    if (key.type == storage::RecordType::exchange) {
        auto record = storage::decode_or_throw<storage::ExchangeRecord>(key, value);
        if (!is_known_type(record.type)) {
            throw std::runtime_error(fmt::format("exchange '{}' has the unknown type '{}'", record.name, record.type));
        }
        Exchange::Definition definition{record.name,
                                        name(),
                                        record.type,
                                        true,
                                        record.auto_delete,
                                        record.internal,
                                        decode_arguments(record.arguments, key)};
        if (auto valid = validate_exchange_type(record.type, definition.arguments); valid.has_error()) {
            throw std::runtime_error(fmt::format("exchange '{}': {}", record.name, valid.error().text));
        }
        add_exchange(std::move(definition), record.kept_queue);
    } else if (key.type == storage::RecordType::queue) {
        auto record = storage::decode_or_throw<storage::QueueRecord>(key, value);
        Queue::Definition definition;
        definition.arguments = decode_arguments(record.arguments, key);
        auto options = parse_queue_options(definition.arguments, record.name, name());
        if (options.has_error()) {
            throw std::runtime_error(fmt::format("queue '{}': {}", record.name, options.error().text));
        }
        definition.options = std::move(*options);
        definition.name = record.name;
        definition.virtual_host = name();
        definition.id = record.id;
        definition.durable = true;
        definition.auto_delete = record.auto_delete;
        Queue& queue = add_queue(std::move(definition));
        recovered_queues_[record.id] = &queue;
    } else if (key.type == storage::RecordType::binding) {
        recovered_bindings_.push_back(storage::decode_or_throw<storage::BindingRecord>(key, value));
    } else if (auto recovered = settings_.recover(key, value); recovered.has_error()) {
        throw std::runtime_error(fmt::format("the record '{}' is damaged: {}", key.name, recovered.error().text));
    }
}

void VirtualHost::recover_bindings() {
    for (storage::BindingRecord& record : std::exchange(recovered_bindings_, {})) {
        Exchange* source = find_exchange(record.source);
        Destination* destination = record.destination_type == storage::DestinationType::queue
                                       ? static_cast<Destination*>(find_queue(record.destination))
                                       : static_cast<Destination*>(find_exchange(record.destination));
        auto arguments = amqp::FieldTable::decode({record.arguments});
        if (source == nullptr || destination == nullptr || arguments.has_error()) {
            throw std::runtime_error(
                fmt::format("the binding from '{}' to '{}' leads nowhere", record.source, record.destination));
        }
        add_binding(*source, {destination, std::move(record.routing_key), std::move(*arguments)}, true);
    }
    recover_settings();
}

bool VirtualHost::recover_queue(const storage::QueueState& state) {
    const auto found = recovered_queues_.find(state.queue);
    if (found != recovered_queues_.end()) {
        found->second->recover(state);
        return true;
    }
    if (is_of_passing_queue(state.queue, shard_)) { // what it had paged out
        commits_.batch().remove_queue(state.queue);
        return true;
    }
    Exchange* exchange = find_by_kept_queue(state.queue);
    if (exchange == nullptr) {
        return false;
    }
    recover_parts(*exchange, state);
    return true;
}

void VirtualHost::end_recovery() {
    recovered_queues_.clear();
    for (const auto& [queue, exchange] : by_kept_queue_) {
        if (exchange->parts.delayed) {
            scan_delayed(*exchange);
        }
    }
    hold_again(); // for what the queues have asked for
}

} // namespace broker
