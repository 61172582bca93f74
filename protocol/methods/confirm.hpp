// Class confirm: RabbitMQ's publisher confirms.
// One struct per method: its fields are the arguments in wire order.
#pragma once

#include "protocol/methods/method.hpp"

namespace amqp::confirm {

struct Select {
    static constexpr MethodId id{85, 10};
    static constexpr std::string_view name = "confirm.select";
    bool no_wait = false;
};
BOOST_DESCRIBE_STRUCT(Select, (), (no_wait))

struct SelectOk {
    static constexpr MethodId id{85, 11};
    static constexpr std::string_view name = "confirm.select-ok";
};
BOOST_DESCRIBE_STRUCT(SelectOk, (), ())

using Methods = MethodList<Select, SelectOk>;

} // namespace amqp::confirm
