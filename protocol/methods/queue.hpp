// Class queue [spec queue].
// One struct per method: its fields are the arguments in wire order.
#pragma once

#include "protocol/methods/method.hpp"

namespace amqp::queue {

struct Declare {
    static constexpr MethodId id{50, 10};
    static constexpr std::string_view name = "queue.declare";
    std::uint16_t reserved_1 = 0;
    ShortString queue = {};
    bool passive = false;
    bool durable = false;
    bool exclusive = false;
    bool auto_delete = false;
    bool no_wait = false;
    EncodedTable arguments = {};
};
BOOST_DESCRIBE_STRUCT(Declare, (), (reserved_1, queue, passive, durable, exclusive, auto_delete, no_wait, arguments))

struct DeclareOk {
    static constexpr MethodId id{50, 11};
    static constexpr std::string_view name = "queue.declare-ok";
    ShortString queue = {};
    std::uint32_t message_count = 0;
    std::uint32_t consumer_count = 0;
};
BOOST_DESCRIBE_STRUCT(DeclareOk, (), (queue, message_count, consumer_count))

struct Bind {
    static constexpr MethodId id{50, 20};
    static constexpr std::string_view name = "queue.bind";
    std::uint16_t reserved_1 = 0;
    ShortString queue = {};
    ShortString exchange = {};
    ShortString routing_key = {};
    bool no_wait = false;
    EncodedTable arguments = {};
};
BOOST_DESCRIBE_STRUCT(Bind, (), (reserved_1, queue, exchange, routing_key, no_wait, arguments))

struct BindOk {
    static constexpr MethodId id{50, 21};
    static constexpr std::string_view name = "queue.bind-ok";
};
BOOST_DESCRIBE_STRUCT(BindOk, (), ())

struct Purge {
    static constexpr MethodId id{50, 30};
    static constexpr std::string_view name = "queue.purge";
    std::uint16_t reserved_1 = 0;
    ShortString queue = {};
    bool no_wait = false;
};
BOOST_DESCRIBE_STRUCT(Purge, (), (reserved_1, queue, no_wait))

struct PurgeOk {
    static constexpr MethodId id{50, 31};
    static constexpr std::string_view name = "queue.purge-ok";
    std::uint32_t message_count = 0;
};
BOOST_DESCRIBE_STRUCT(PurgeOk, (), (message_count))

struct Delete {
    static constexpr MethodId id{50, 40};
    static constexpr std::string_view name = "queue.delete";
    std::uint16_t reserved_1 = 0;
    ShortString queue = {};
    bool if_unused = false;
    bool if_empty = false;
    bool no_wait = false;
};
BOOST_DESCRIBE_STRUCT(Delete, (), (reserved_1, queue, if_unused, if_empty, no_wait))

struct DeleteOk {
    static constexpr MethodId id{50, 41};
    static constexpr std::string_view name = "queue.delete-ok";
    std::uint32_t message_count = 0;
};
BOOST_DESCRIBE_STRUCT(DeleteOk, (), (message_count))

struct Unbind {
    static constexpr MethodId id{50, 50};
    static constexpr std::string_view name = "queue.unbind";
    std::uint16_t reserved_1 = 0;
    ShortString queue = {};
    ShortString exchange = {};
    ShortString routing_key = {};
    EncodedTable arguments = {};
};
BOOST_DESCRIBE_STRUCT(Unbind, (), (reserved_1, queue, exchange, routing_key, arguments))

struct UnbindOk {
    static constexpr MethodId id{50, 51};
    static constexpr std::string_view name = "queue.unbind-ok";
};
BOOST_DESCRIBE_STRUCT(UnbindOk, (), ())

using Methods = MethodList<Declare, DeclareOk, Bind, BindOk, Purge, PurgeOk, Delete, DeleteOk, Unbind, UnbindOk>;

} // namespace amqp::queue
