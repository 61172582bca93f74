// VirtualHost: declaring and deleting exchanges. What is durable is in the store before it is answered.
#include "broker/core/equivalence.hpp"
#include "broker/core/exchange_type.hpp"
#include "broker/core/virtual_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace broker {
namespace {

struct Predefined {
    std::string_view name, type;
    bool internal = false;
};
constexpr std::array predefined_exchanges{
    Predefined{"", "direct"},
    Predefined{"amq.direct", "direct"},
    Predefined{"amq.fanout", "fanout"},
    Predefined{"amq.topic", "topic"},
    Predefined{"amq.headers", "headers"},
    Predefined{"amq.match", "headers"},
    Predefined{"amq.rabbitmq.trace", "topic", true},
};

} // namespace

bool VirtualHost::is_predefined(std::string_view exchange_name) {
    return exchange_name == event_exchange ||
           std::any_of(predefined_exchanges.begin(), predefined_exchanges.end(),
                       [&](const Predefined& predefined) { return predefined.name == exchange_name; });
}

void VirtualHost::declare_predefined_exchanges() {
    for (const auto& [exchange_name, type, internal] : predefined_exchanges) {
        add_exchange({std::string(exchange_name), name(), std::string(type), true, false, internal, {}});
    }
    if (environment_.has_event_exchange) {
        add_exchange({std::string(event_exchange), name(), "topic", true, false, true, {}});
    }
}

Exchange& VirtualHost::add_exchange(Exchange::Definition definition, storage::QueueId kept_queue) {
    topology_changed();
    const std::uint64_t seed = stable_hash(definition.name, environment_.random_seed);
    AnyRouter router = make_exchange_router(definition.type, definition.arguments, seed);
    auto added = std::make_unique<Exchange>(std::move(definition), std::move(router));
    Exchange& exchange = *(exchanges_[added->name()] = std::move(added));
    apply_policies(exchange);
    add_parts(exchange, kept_queue);
    return exchange;
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
        gate_.wait_for_topology(channel.connection);
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
        auto same = check_equivalent(ExchangeDeclaration{request.type, request.durable, request.auto_delete,
                                                         request.internal, request.arguments},
                                     ExchangeDeclaration{current.type, current.durable, current.auto_delete,
                                                         current.internal, current.arguments},
                                     request.name, name());
        gate_.wait_for_topology(channel.connection);
        return same.has_error() ? Answer(same.error()) : Answer(Reply(Done{{40, 11}}));
    }
    if (request.name.starts_with(reserved_prefix)) {
        return amqp::access_refused(fmt::format("exchange name '{}' contains reserved prefix 'amq.*'", request.name));
    }
    if (const amqp::FieldValue* alternate = request.arguments.find("alternate-exchange");
        alternate != nullptr && alternate->as_string() == nullptr) {
        return amqp::precondition_failed(
            fmt::format("invalid type '{}' for arg 'alternate-exchange' in exchange '{}' in "
                        "vhost '{}'",
                        alternate->type_name(), request.name, name()));
    }
    if (auto valid = validate_exchange_type(request.type, request.arguments); valid.has_error()) {
        return valid.error();
    }
    Exchange& exchange = add_exchange({request.name, name(), request.type, request.durable, request.auto_delete,
                                       request.internal, std::move(request.arguments)});
    teller_.created(exchange);
    if (request.durable) {
        const storage::ExchangeRecord record = record_of(exchange);
        commits_.batch().put(storage::key_of(record), storage::encode_record(record));
        gate_.promise_topology(channel.connection);
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
        gate_.wait_for_topology(channel.connection);
        return Reply(Done{{40, 21}}); // deleting what is not there succeeds
    }
    if (request.if_unused && !exchange->bindings().empty()) {
        return amqp::precondition_failed(fmt::format("exchange '{}' in vhost '{}' in use", request.name, name()));
    }
    const bool was_durable = exchange->definition().durable;
    delete_exchange(*exchange);
    if (was_durable) {
        gate_.promise_topology(channel.connection);
    }
    return Reply(Done{{40, 21}});
}

// With the auto-delete exchanges that led here only. A list of work, no recursion: peers may build chains of any
// length.
void VirtualHost::delete_exchange(Exchange& exchange) {
    topology_changed();
    std::vector<std::unique_ptr<Exchange>> deleted;
    // Taken out first, so that a chain that leads back finds nothing.
    const auto take_out = [&](Exchange& next) {
        remove_parts(next);
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
        teller_.deleted(next);
    }
}

} // namespace broker
