// What routers look at of a message.
#pragma once

#include "protocol/field_table.hpp"

#include <string_view>

namespace broker {

struct RoutingInput {
    std::string_view routing_key;
    const amqp::FieldTable* headers = nullptr; // null: none, or the exchange's router does not need them
};

} // namespace broker
