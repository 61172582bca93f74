// The kinds of routing as one closed set: a router is a pure index from a message to the destinations of the bindings
// that match it. The exchange keeps the bindings themselves and gives every distinct one exactly once to add() and once
// to remove(). A new kind is one file, one alternative of AnyRouter, and the compiler lists the rest.
#pragma once

#include "broker/routing/consistent_hash_router.hpp"
#include "broker/routing/direct_router.hpp"
#include "broker/routing/fanout_router.hpp"
#include "broker/routing/headers_router.hpp"
#include "broker/routing/local_random_router.hpp"
#include "broker/routing/modulus_hash_router.hpp"
#include "broker/routing/random_router.hpp"
#include "broker/routing/topic_router.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace broker {

template <class R>
concept Router = requires(R router, const R& reader, const Binding& binding, const RoutingInput& input,
                          Matches& matches) {
    { R::type } -> std::convertible_to<std::string_view>;
    { R::validate(binding.routing_key, binding.arguments) } -> std::same_as<amqp::Result<>>;
    { reader.routed_by() } -> std::same_as<RoutedBy>;
    { router.add(binding) } -> std::same_as<void>;
    { router.remove(binding) } -> std::same_as<void>;
    { reader.match(input, matches) } -> std::same_as<void>;
    { reader.empty() } -> std::same_as<bool>;
};

template <Router... Rs>
using OneOf = std::variant<Rs...>;
using AnyRouter = OneOf<DirectRouter, FanoutRouter, TopicRouter, HeadersRouter, ConsistentHashRouter, ModulusHashRouter,
                        RandomRouter, LocalRandomRouter>;

// Whether an exchange of this type may have these arguments. Types that are not known are somebody else's.
amqp::Result<> validate_router(std::string_view type, const amqp::FieldTable& arguments);
// Nothing if the type is not known. The arguments are valid; `seed` decides what comes by chance.
std::optional<AnyRouter> make_router(std::string_view type, const amqp::FieldTable& arguments, std::uint64_t seed);

// Whether such a binding may be made. To be asked before add().
amqp::Result<> validate_binding(const AnyRouter& router, std::string_view routing_key,
                                const amqp::FieldTable& arguments);
void add(AnyRouter& router, const Binding& binding);
void remove(AnyRouter& router, const Binding& binding); // requires an add() before
// Adds to `matches`, does not clear it: CC keys and bound exchanges go into the same set.
void match(const AnyRouter& router, const RoutingInput& input, Matches& matches);
RoutedBy routed_by(const AnyRouter& router);
bool empty(const AnyRouter& router);

} // namespace broker
