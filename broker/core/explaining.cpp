// VirtualHost: where a message would go, without sending it. Walks as match_exchange does, but asks routers only, and
// notes by which bindings they answer: each binding of a destination found is asked alone.
#include "broker/core/delay.hpp"
#include "broker/core/exchange_type.hpp"
#include "broker/core/virtual_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace broker {
namespace {

using Via = RouteStep::Via;
using ExtraKeys = std::vector<std::string>;

// Whether a router that has this binding alone would take the message.
bool matches_alone(const Exchange& source, const Binding& binding, const amqp::Message& message,
                   MessageContent& content, const ExtraKeys* extra_keys, Matches& scratch) {
    const Exchange::Definition& definition = source.definition();
    AnyRouter router = make_exchange_router(definition.type, definition.arguments, 0);
    add(router, binding);
    scratch.clear();
    if (routed_by(router) == RoutedBy::content) {
        match(router, {message.routing_key(), content.headers(), &content.properties(), extra_keys}, scratch);
        return !scratch.empty();
    }
    if (routed_by(router) != RoutedBy::each_key) {
        return true; // its key says nothing about the message
    }
    match(router, {message.routing_key()}, scratch);
    for (std::size_t i = 0; extra_keys != nullptr && i < extra_keys->size(); ++i) {
        match(router, {(*extra_keys)[i]}, scratch);
    }
    return !scratch.empty();
}

} // namespace

struct VirtualHost::Explaining {
    const amqp::Message& message;
    MessageContent& content;
    const ExtraKeys* extra_keys;
    RouteExplanation result{};
    std::vector<Exchange*> exchanges{};
    std::size_t compared = 0;

    void visit(Exchange& exchange) {
        result.complete = result.complete && exchanges.size() < max_steps_explained;
        if (result.complete && std::ranges::find(exchanges, &exchange) == exchanges.end()) {
            exchanges.push_back(&exchange);
            result.exchanges.push_back({exchange.name(), exchange.definition().type});
        }
    }
    void add(RouteStep step) {
        result.complete = result.complete && result.steps.size() < max_steps_explained;
        if (result.complete) {
            result.steps.push_back(std::move(step));
        }
    }
};

std::optional<RouteExplanation> VirtualHost::explain(std::string_view exchange_name, const amqp::Message& message,
                                                     const ExtraKeys* extra_keys) {
    Exchange* exchange = find_exchange(exchange_name);
    if (exchange == nullptr) {
        return std::nullopt;
    }
    MessageContent content(message);
    Explaining explaining{message, content, extra_keys};
    explaining.visit(*exchange);
    for (std::size_t i = 0; i < explaining.exchanges.size(); ++i) {
        explain(explaining, i);
    }
    return std::move(explaining.result);
}

void VirtualHost::explain(Explaining& explaining, std::size_t index) {
    Exchange& exchange = *explaining.exchanges[index];
    const bool routes = explain_parts(explaining, index);
    matches_.clear();
    if (routes && routed_by(exchange.router()) == RoutedBy::chance) {
        explaining.result.exchanges[index].by_chance = true;
        for (const auto& bound : exchange.bindings()) {
            matches_.add(*bound->binding.destination);
        }
    } else if (routes) {
        match_keys(exchange, explaining.message, explaining.content, explaining.extra_keys);
    }
    const std::vector<Destination*> destinations(matches_.all().begin(), matches_.all().end());
    for (Destination* destination : destinations) {
        explain_destination(explaining, index, *destination);
    }
    if (!destinations.empty() || exchange.alternate() == nullptr) {
        return;
    }
    if (Exchange* alternate = find_exchange(*exchange.alternate())) {
        explaining.add({index, Via::alternate, Destination::Kind::exchange, alternate->name(), {}});
        explaining.visit(*alternate);
    } else {
        explaining.result.exchanges[index].notes.push_back(
            fmt::format("its alternate exchange '{}' does not exist", *exchange.alternate()));
    }
}

// False if the exchange would drop it as a duplicate.
bool VirtualHost::explain_parts(Explaining& explaining, std::size_t index) {
    const Exchange::Parts& parts = explaining.exchanges[index]->parts;
    std::vector<std::string>& notes = explaining.result.exchanges[index].notes;
    if (parts.delayed) {
        const auto delay = delay_of(explaining.content.header(delay_header));
        if (delay.has_error()) {
            notes.push_back("refuses it: " + delay.error().text);
        } else if (*delay) {
            notes.push_back(fmt::format("keeps it for {} ms, and then routes it", (*delay)->ms));
        }
    }
    if (parts.seen) {
        const amqp::FieldValue* value = explaining.content.header(DeduplicationCache::header);
        if (value != nullptr && parts.seen->contains(DeduplicationCache::key_of(*value), environment_.clock.now_ms())) {
            notes.emplace_back("drops it as a duplicate");
            return false;
        }
    }
    if (parts.history) {
        notes.emplace_back("remembers it for later bindings");
    }
    return true;
}

void VirtualHost::explain_destination(Explaining& explaining, std::size_t index, Destination& destination) {
    Exchange& source = *explaining.exchanges[index];
    if (destination.kind() == Destination::Kind::reply_consumer) {
        return explaining.add({index,
                               Via::default_exchange,
                               Destination::Kind::reply_consumer,
                               std::string(explaining.message.routing_key()),
                               {}});
    }
    const bool is_queue = destination.kind() == Destination::Kind::queue;
    const std::string& destination_name =
        is_queue ? static_cast<Queue&>(destination).name() : static_cast<Exchange&>(destination).name();
    if (source.is_default()) {
        return explaining.add({index, Via::default_exchange, destination.kind(), destination_name, destination_name});
    }
    if (!is_queue) {
        explaining.visit(static_cast<Exchange&>(destination));
    }
    const auto& incoming =
        is_queue ? static_cast<Queue&>(destination).bindings : static_cast<Exchange&>(destination).incoming;
    for (const BoundBinding* bound : incoming) {
        if (!explaining.result.complete || ++explaining.compared > max_bindings_compared) {
            explaining.result.complete = false;
            return;
        }
        if (bound->source == &source && matches_alone(source, bound->binding, explaining.message, explaining.content,
                                                      explaining.extra_keys, matches_)) {
            explaining.add({index, Via::binding, destination.kind(), destination_name, bound->binding.routing_key,
                            bound->binding.arguments});
        }
    }
}

} // namespace broker
