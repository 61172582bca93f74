// What routers look at of a message, and what their answers depend on.
#pragma once

#include "protocol/field_table.hpp"
#include "protocol/properties.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

struct RoutingInput {
    std::string_view routing_key;
    const amqp::FieldTable* headers = nullptr;             // null: none, or the router does not need them
    const amqp::PropertiesView* properties = nullptr;      // null: the router does not need them
    const std::vector<std::string>* more_keys = nullptr;   // CC and BCC; null: none, or each key is asked by itself
};

// What a router's answer depends on, beside its bindings.
enum class RoutedBy : std::uint8_t {
    each_key, // asked once for every routing key of a message
    keys,     // asked once, with all of them
    content,  // asked once, with headers and properties
    chance,   // asked once, and every time anew: the answer must not be remembered
};

} // namespace broker
