// The four kinds of exchange as one closed set: a router is a pure index from a message to the destinations of the
// bindings that match it. The exchange keeps the bindings themselves and gives every distinct one exactly once to add()
// and once to remove(). A new kind is one file, one alternative of AnyRouter, and the compiler lists the rest.
#pragma once

#include "broker/routing/direct_router.hpp"
#include "broker/routing/fanout_router.hpp"
#include "broker/routing/headers_router.hpp"
#include "broker/routing/topic_router.hpp"

#include <array>
#include <concepts>
#include <optional>
#include <string_view>
#include <variant>

namespace broker {

template <class R>
concept Router = requires(R router, const R& reader, const Binding& binding, const RoutingInput& input,
                          Matches& matches) {
    { R::type } -> std::convertible_to<std::string_view>;
    { R::needs_headers } -> std::convertible_to<bool>;
    { R::validate(binding.routing_key, binding.arguments) } -> std::same_as<amqp::Result<>>;
    { router.add(binding) } -> std::same_as<void>;
    { router.remove(binding) } -> std::same_as<void>;
    { reader.match(input, matches) } -> std::same_as<void>;
    { reader.empty() } -> std::same_as<bool>;
};
static_assert(Router<DirectRouter> && Router<FanoutRouter> && Router<TopicRouter> && Router<HeadersRouter>);

using AnyRouter = std::variant<DirectRouter, FanoutRouter, TopicRouter, HeadersRouter>;

inline constexpr std::array<std::string_view, 4> exchange_types{DirectRouter::type, FanoutRouter::type,
                                                                TopicRouter::type, HeadersRouter::type};

bool is_known_type(std::string_view exchange_type);
std::optional<AnyRouter> make_router(std::string_view exchange_type); // nothing if the type is not known

// Whether such a binding may be made. To be asked before add().
amqp::Result<> validate_binding(const AnyRouter& router, std::string_view routing_key,
                                const amqp::FieldTable& arguments);
void add(AnyRouter& router, const Binding& binding);
void remove(AnyRouter& router, const Binding& binding); // requires an add() before
// Adds to `matches`, does not clear it: CC keys and bound exchanges go into the same set.
void match(const AnyRouter& router, const RoutingInput& input, Matches& matches);
bool needs_headers(const AnyRouter& router);
bool empty(const AnyRouter& router);

} // namespace broker
