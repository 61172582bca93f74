// Class exchange [spec exchange] with RabbitMQ's bindings between exchanges. The id of unbind-ok is 51, not 41.
// One struct per method: its fields are the arguments in wire order.
#pragma once

#include "protocol/methods/method.hpp"

namespace amqp::exchange {

struct Declare {
    static constexpr MethodId id{40, 10};
    static constexpr std::string_view name = "exchange.declare";
    std::uint16_t reserved_1 = 0;
    ShortString exchange = {};
    ShortString type = {};
    bool passive = false;
    bool durable = false;
    bool auto_delete = false;
    bool internal = false;
    bool no_wait = false;
    EncodedTable arguments = {};
};
BOOST_DESCRIBE_STRUCT(Declare, (),
                      (reserved_1, exchange, type, passive, durable, auto_delete, internal, no_wait, arguments))

struct DeclareOk {
    static constexpr MethodId id{40, 11};
    static constexpr std::string_view name = "exchange.declare-ok";
};
BOOST_DESCRIBE_STRUCT(DeclareOk, (), ())

struct Delete {
    static constexpr MethodId id{40, 20};
    static constexpr std::string_view name = "exchange.delete";
    std::uint16_t reserved_1 = 0;
    ShortString exchange = {};
    bool if_unused = false;
    bool no_wait = false;
};
BOOST_DESCRIBE_STRUCT(Delete, (), (reserved_1, exchange, if_unused, no_wait))

struct DeleteOk {
    static constexpr MethodId id{40, 21};
    static constexpr std::string_view name = "exchange.delete-ok";
};
BOOST_DESCRIBE_STRUCT(DeleteOk, (), ())

struct Bind {
    static constexpr MethodId id{40, 30};
    static constexpr std::string_view name = "exchange.bind";
    std::uint16_t reserved_1 = 0;
    ShortString destination = {};
    ShortString source = {};
    ShortString routing_key = {};
    bool no_wait = false;
    EncodedTable arguments = {};
};
BOOST_DESCRIBE_STRUCT(Bind, (), (reserved_1, destination, source, routing_key, no_wait, arguments))

struct BindOk {
    static constexpr MethodId id{40, 31};
    static constexpr std::string_view name = "exchange.bind-ok";
};
BOOST_DESCRIBE_STRUCT(BindOk, (), ())

struct Unbind {
    static constexpr MethodId id{40, 40};
    static constexpr std::string_view name = "exchange.unbind";
    std::uint16_t reserved_1 = 0;
    ShortString destination = {};
    ShortString source = {};
    ShortString routing_key = {};
    bool no_wait = false;
    EncodedTable arguments = {};
};
BOOST_DESCRIBE_STRUCT(Unbind, (), (reserved_1, destination, source, routing_key, no_wait, arguments))

struct UnbindOk {
    static constexpr MethodId id{40, 51};
    static constexpr std::string_view name = "exchange.unbind-ok";
};
BOOST_DESCRIBE_STRUCT(UnbindOk, (), ())

using Methods = MethodList<Declare, DeclareOk, Delete, DeleteOk, Bind, BindOk, Unbind, UnbindOk>;

} // namespace amqp::exchange
