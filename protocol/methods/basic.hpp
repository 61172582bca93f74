// Class basic [spec basic] with RabbitMQ's nack. What follows publish, return, deliver and get-ok is content.
// One struct per method: its fields are the arguments in wire order.
#pragma once

#include "protocol/methods/method.hpp"

namespace amqp::basic {

struct Qos {
    static constexpr MethodId id{60, 10};
    static constexpr std::string_view name = "basic.qos";
    std::uint32_t prefetch_size = 0;
    std::uint16_t prefetch_count = 0;
    bool global = false;
};
BOOST_DESCRIBE_STRUCT(Qos, (), (prefetch_size, prefetch_count, global))

struct QosOk {
    static constexpr MethodId id{60, 11};
    static constexpr std::string_view name = "basic.qos-ok";
};
BOOST_DESCRIBE_STRUCT(QosOk, (), ())

struct Consume {
    static constexpr MethodId id{60, 20};
    static constexpr std::string_view name = "basic.consume";
    std::uint16_t reserved_1 = 0;
    ShortString queue = {};
    ShortString consumer_tag = {};
    bool no_local = false;
    bool no_ack = false;
    bool exclusive = false;
    bool no_wait = false;
    EncodedTable arguments = {};
};
BOOST_DESCRIBE_STRUCT(Consume, (), (reserved_1, queue, consumer_tag, no_local, no_ack, exclusive, no_wait, arguments))

struct ConsumeOk {
    static constexpr MethodId id{60, 21};
    static constexpr std::string_view name = "basic.consume-ok";
    ShortString consumer_tag = {};
};
BOOST_DESCRIBE_STRUCT(ConsumeOk, (), (consumer_tag))

struct Cancel {
    static constexpr MethodId id{60, 30};
    static constexpr std::string_view name = "basic.cancel";
    ShortString consumer_tag = {};
    bool no_wait = false;
};
BOOST_DESCRIBE_STRUCT(Cancel, (), (consumer_tag, no_wait))

struct CancelOk {
    static constexpr MethodId id{60, 31};
    static constexpr std::string_view name = "basic.cancel-ok";
    ShortString consumer_tag = {};
};
BOOST_DESCRIBE_STRUCT(CancelOk, (), (consumer_tag))

struct Publish {
    static constexpr MethodId id{60, 40};
    static constexpr std::string_view name = "basic.publish";
    std::uint16_t reserved_1 = 0;
    ShortString exchange = {};
    ShortString routing_key = {};
    bool mandatory = false;
    bool immediate = false;
};
BOOST_DESCRIBE_STRUCT(Publish, (), (reserved_1, exchange, routing_key, mandatory, immediate))

struct Return {
    static constexpr MethodId id{60, 50};
    static constexpr std::string_view name = "basic.return";
    std::uint16_t reply_code = 0;
    ShortString reply_text = {};
    ShortString exchange = {};
    ShortString routing_key = {};
};
BOOST_DESCRIBE_STRUCT(Return, (), (reply_code, reply_text, exchange, routing_key))

struct Deliver {
    static constexpr MethodId id{60, 60};
    static constexpr std::string_view name = "basic.deliver";
    ShortString consumer_tag = {};
    DeliveryTag delivery_tag = 0;
    bool redelivered = false;
    ShortString exchange = {};
    ShortString routing_key = {};
};
BOOST_DESCRIBE_STRUCT(Deliver, (), (consumer_tag, delivery_tag, redelivered, exchange, routing_key))

struct Get {
    static constexpr MethodId id{60, 70};
    static constexpr std::string_view name = "basic.get";
    std::uint16_t reserved_1 = 0;
    ShortString queue = {};
    bool no_ack = false;
};
BOOST_DESCRIBE_STRUCT(Get, (), (reserved_1, queue, no_ack))

struct GetOk {
    static constexpr MethodId id{60, 71};
    static constexpr std::string_view name = "basic.get-ok";
    DeliveryTag delivery_tag = 0;
    bool redelivered = false;
    ShortString exchange = {};
    ShortString routing_key = {};
    std::uint32_t message_count = 0;
};
BOOST_DESCRIBE_STRUCT(GetOk, (), (delivery_tag, redelivered, exchange, routing_key, message_count))

struct GetEmpty {
    static constexpr MethodId id{60, 72};
    static constexpr std::string_view name = "basic.get-empty";
    ShortString reserved_1 = {};
};
BOOST_DESCRIBE_STRUCT(GetEmpty, (), (reserved_1))

struct Ack {
    static constexpr MethodId id{60, 80};
    static constexpr std::string_view name = "basic.ack";
    DeliveryTag delivery_tag = 0;
    bool multiple = false;
};
BOOST_DESCRIBE_STRUCT(Ack, (), (delivery_tag, multiple))

struct Reject {
    static constexpr MethodId id{60, 90};
    static constexpr std::string_view name = "basic.reject";
    DeliveryTag delivery_tag = 0;
    bool requeue = false;
};
BOOST_DESCRIBE_STRUCT(Reject, (), (delivery_tag, requeue))

struct RecoverAsync {
    static constexpr MethodId id{60, 100};
    static constexpr std::string_view name = "basic.recover-async";
    bool requeue = false;
};
BOOST_DESCRIBE_STRUCT(RecoverAsync, (), (requeue))

struct Recover {
    static constexpr MethodId id{60, 110};
    static constexpr std::string_view name = "basic.recover";
    bool requeue = false;
};
BOOST_DESCRIBE_STRUCT(Recover, (), (requeue))

struct RecoverOk {
    static constexpr MethodId id{60, 111};
    static constexpr std::string_view name = "basic.recover-ok";
};
BOOST_DESCRIBE_STRUCT(RecoverOk, (), ())

struct Nack {
    static constexpr MethodId id{60, 120};
    static constexpr std::string_view name = "basic.nack";
    DeliveryTag delivery_tag = 0;
    bool multiple = false;
    bool requeue = false;
};
BOOST_DESCRIBE_STRUCT(Nack, (), (delivery_tag, multiple, requeue))

using Methods = MethodList<Qos, QosOk, Consume, ConsumeOk, Cancel, CancelOk, Publish, Return, Deliver, Get, GetOk,
                           GetEmpty, Ack, Reject, RecoverAsync, Recover, RecoverOk, Nack>;

} // namespace amqp::basic
