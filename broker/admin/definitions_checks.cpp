#include "broker/admin/definitions_checks.hpp"

#include "broker/core/event_sink.hpp"
#include "broker/core/exchange_type.hpp"
#include "broker/core/queue_options.hpp"

#include <fmt/format.h>

#include <utility>

namespace broker {
namespace {

constexpr std::string_view reserved_prefix = "amq.";

// The rules for bindings of each exchange, made when one is first bound.
class BindingRules {
 public:
    explicit BindingRules(const Existing& known) : known_(known) {}

    amqp::Result<> check(const std::string& source, std::string_view key, const amqp::FieldTable& arguments) {
        const auto found = known_.exchanges.find(source);
        if (found == known_.exchanges.end()) {
            return amqp::precondition_failed("bindings: no exchange '" + source + "'");
        }
        auto router = routers_.find(source);
        if (router == routers_.end()) {
            const ExchangeKind& kind = found->second;
            router = routers_.emplace(source, make_exchange_router(kind.type, kind.arguments, 0)).first;
        }
        auto valid = validate_binding(router->second, key, arguments);
        return valid ? valid : amqp::precondition_failed("bindings: " + valid.error().text);
    }

 private:
    const Existing& known_;
    std::map<std::string_view, AnyRouter> routers_;
};

} // namespace

Existing predefined_objects() {
    Existing existing;
    existing.exchanges = {{"amq.direct", {"direct", {}}},        {"amq.fanout", {"fanout", {}}},
                          {"amq.headers", {"headers", {}}},      {"amq.match", {"headers", {}}},
                          {"amq.rabbitmq.trace", {"topic", {}}}, {"amq.topic", {"topic", {}}}};
    return existing;
}

amqp::Result<> check_exchange(const DeclareExchange& exchange, std::string_view virtual_host) {
    if (!is_known_type(exchange.type)) {
        return amqp::precondition_failed("unknown exchange type '" + exchange.type + "'");
    }
    if (const amqp::FieldValue* alternate = exchange.arguments.find("alternate-exchange");
        alternate != nullptr && alternate->as_string() == nullptr) {
        return amqp::precondition_failed(
            fmt::format("invalid type '{}' for arg 'alternate-exchange' in exchange '{}' in vhost '{}'",
                        alternate->type_name(), exchange.name, virtual_host));
    }
    return validate_exchange_type(exchange.type, exchange.arguments);
}

amqp::Result<> check_bindings(const HostDefinitions& definitions, Existing known) {
    for (const DeclareExchange& exchange : definitions.exchanges) {
        if (exchange.name.starts_with(reserved_prefix) && !known.exchanges.contains(exchange.name)) {
            return amqp::precondition_failed("exchanges: exchange name '" + exchange.name +
                                             "' contains reserved prefix 'amq.*'");
        }
        known.exchanges.try_emplace(exchange.name, ExchangeKind{exchange.type, exchange.arguments});
    }
    for (const DeclareQueue& queue : definitions.queues) {
        const amqp::FieldValue* type = queue.arguments.find("x-queue-type");
        known.queues.try_emplace(queue.name, type != nullptr && *type == amqp::FieldValue("quorum"));
    }
    BindingRules rules(known);
    for (const BindQueue& binding : definitions.queue_bindings) {
        const auto queue = known.queues.find(binding.queue);
        if (queue == known.queues.end()) {
            return amqp::precondition_failed("bindings: no queue '" + binding.queue + "'");
        }
        if (binding.exchange.empty()) {
            continue; // every queue has that one
        }
        if (auto valid = rules.check(binding.exchange, binding.routing_key, binding.arguments); !valid) {
            return valid;
        }
        if (queue->second && known.exchanges.find(binding.exchange)->second.type == "x-local-random") {
            return amqp::precondition_failed("bindings: a quorum queue cannot be bound to '" + binding.exchange + "'");
        }
    }
    for (const BindExchange& binding : definitions.exchange_bindings) {
        if (!known.exchanges.contains(binding.destination)) {
            return amqp::precondition_failed("bindings: no exchange '" + binding.destination + "'");
        }
        if (auto valid = rules.check(binding.source, binding.routing_key, binding.arguments); !valid) {
            return valid;
        }
        if (known.exchanges.find(binding.source)->second.type == "x-local-random") {
            return amqp::precondition_failed("bindings: no exchange can be bound to '" + binding.source + "'");
        }
    }
    return {};
}

amqp::Result<> check_counts(const HostDefinitions& definitions, const Existing& existing,
                            const VirtualHostSettings::Limits& limits) {
    if (definitions.policies.size() > VirtualHostSettings::max_policies ||
        definitions.parameters.size() > VirtualHostSettings::max_parameters) {
        return amqp::precondition_failed("a virtual host has at most 10000 policies and 10000 parameters");
    }
    // The file's limit comes into force before its queues.
    auto limit = definitions.limits.find(VirtualHostSettings::max_queues);
    if (limit == definitions.limits.end()) {
        limit = limits.find(VirtualHostSettings::max_queues);
        if (limit == limits.end()) {
            return {};
        }
    }
    std::size_t queues = existing.queues.size();
    for (const DeclareQueue& queue : definitions.queues) {
        queues += existing.queues.contains(queue.name) ? 0 : 1;
    }
    if (limit->second >= 0 && queues > static_cast<std::uint64_t>(limit->second)) {
        return amqp::precondition_failed(
            fmt::format("queues: there would be {}, and the limit of the virtual host is {}", queues, limit->second));
    }
    return {};
}

} // namespace broker
