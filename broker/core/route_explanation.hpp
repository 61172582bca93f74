// Which way a message would take through exchanges and bindings. A plain copy, made on the strand without publishing
// anything and without leaving a trace.
#pragma once

#include "broker/routing/destination.hpp"
#include "protocol/field_table.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace broker {

struct RouteStep { // from an exchange to one of its destinations
    enum class Via : std::uint8_t { binding, default_exchange /* by the queue's name */, alternate };

    std::size_t exchange = 0; // of RouteExplanation::exchanges
    Via via = Via::binding;
    Destination::Kind kind = Destination::Kind::queue;
    std::string destination;
    std::string routing_key; // of the binding
    amqp::FieldTable arguments = {};
};

struct ExplainedExchange {
    std::string name, type;
    std::vector<std::string> notes = {}; // what it does beside routing, or why it does not
    bool by_chance = false;              // one of its destinations, another one every time
};

struct RouteExplanation {
    std::vector<ExplainedExchange> exchanges; // in the order in which they are reached; the first is the one asked for
    std::vector<RouteStep> steps;
    bool complete = true; // false: there are more than are listed
};

inline constexpr std::size_t max_steps_explained = 1'000;
inline constexpr std::size_t max_bindings_compared = 5'000;

} // namespace broker
