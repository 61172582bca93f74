// The types of exchanges that clients may declare: how each routes, and what it does to messages before it does. The
// one place that knows the names of all of them. Pure functions.
#pragma once

#include "broker/routing/router.hpp"
#include "protocol/error.hpp"
#include "protocol/field_table.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace broker {

inline constexpr std::string_view delayed_type = "x-delayed-message";

inline constexpr std::array<std::string_view, 11> exchange_types{"direct",
                                                                 "fanout",
                                                                 "topic",
                                                                 "headers",
                                                                 "x-consistent-hash",
                                                                 "x-modulus-hash",
                                                                 "x-random",
                                                                 "x-local-random",
                                                                 "x-recent-history",
                                                                 delayed_type,
                                                                 "x-message-deduplication"};

bool is_known_type(std::string_view exchange_type);

// Of a known type: whether its arguments can be.
amqp::Result<> validate_exchange_type(std::string_view type, const amqp::FieldTable& arguments);

// What an exchange of this type routes as, and does besides: its own type, or the one inside an x-delayed-message.
std::string_view routing_type(std::string_view type, const amqp::FieldTable& arguments);

// Of valid type and arguments; `seed` decides what comes by chance.
AnyRouter make_exchange_router(std::string_view type, const amqp::FieldTable& arguments, std::uint64_t seed);

} // namespace broker
