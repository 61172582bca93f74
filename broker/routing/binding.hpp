// One binding of an exchange. The exchange owns its bindings and keeps each distinct one once; routers are only indexes
// over them. The destination removes its bindings before it goes.
#pragma once

#include "broker/routing/destination.hpp"
#include "protocol/field_table.hpp"

#include <string>

namespace broker {

struct Binding {
    Destination* destination = nullptr;
    std::string routing_key;
    amqp::FieldTable arguments;

    // RabbitMQ's identity of a binding: destination, key and arguments, whatever order these came in. Their types
    // count: 1 sent as a short and 1 sent as a long make two bindings.
    bool same_as(const Binding& other) const;
};

} // namespace broker
