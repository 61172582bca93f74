// Class access: left from AMQP 0-8; RabbitMQ still answers it. Every ticket is ignored.
// One struct per method: its fields are the arguments in wire order.
#pragma once

#include "protocol/methods/method.hpp"

namespace amqp::access {

struct Request {
    static constexpr MethodId id{30, 10};
    static constexpr std::string_view name = "access.request";
    ShortString realm = {};
    bool exclusive = false;
    bool passive = false;
    bool active = false;
    bool write = false;
    bool read = false;
};
BOOST_DESCRIBE_STRUCT(Request, (), (realm, exclusive, passive, active, write, read))

struct RequestOk {
    static constexpr MethodId id{30, 11};
    static constexpr std::string_view name = "access.request-ok";
    std::uint16_t ticket = 0;
};
BOOST_DESCRIBE_STRUCT(RequestOk, (), (ticket))

using Methods = MethodList<Request, RequestOk>;

} // namespace amqp::access
