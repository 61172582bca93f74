// Class connection [spec connection]: the handshake, its end, and RabbitMQ's blocked, unblocked and update-secret.
// One struct per method: its fields are the arguments in wire order.
#pragma once

#include "protocol/methods/method.hpp"

namespace amqp::connection {

struct Start {
    static constexpr MethodId id{10, 10};
    static constexpr std::string_view name = "connection.start";
    std::uint8_t version_major = 0;
    std::uint8_t version_minor = 0;
    EncodedTable server_properties = {};
    LongString mechanisms = {};
    LongString locales = {};
};
BOOST_DESCRIBE_STRUCT(Start, (), (version_major, version_minor, server_properties, mechanisms, locales))

struct StartOk {
    static constexpr MethodId id{10, 11};
    static constexpr std::string_view name = "connection.start-ok";
    EncodedTable client_properties = {};
    ShortString mechanism = {};
    LongString response = {};
    ShortString locale = {};
};
BOOST_DESCRIBE_STRUCT(StartOk, (), (client_properties, mechanism, response, locale))

struct Secure {
    static constexpr MethodId id{10, 20};
    static constexpr std::string_view name = "connection.secure";
    LongString challenge = {};
};
BOOST_DESCRIBE_STRUCT(Secure, (), (challenge))

struct SecureOk {
    static constexpr MethodId id{10, 21};
    static constexpr std::string_view name = "connection.secure-ok";
    LongString response = {};
};
BOOST_DESCRIBE_STRUCT(SecureOk, (), (response))

struct Tune {
    static constexpr MethodId id{10, 30};
    static constexpr std::string_view name = "connection.tune";
    std::uint16_t channel_max = 0;
    std::uint32_t frame_max = 0;
    std::uint16_t heartbeat = 0;
};
BOOST_DESCRIBE_STRUCT(Tune, (), (channel_max, frame_max, heartbeat))

struct TuneOk {
    static constexpr MethodId id{10, 31};
    static constexpr std::string_view name = "connection.tune-ok";
    std::uint16_t channel_max = 0;
    std::uint32_t frame_max = 0;
    std::uint16_t heartbeat = 0;
};
BOOST_DESCRIBE_STRUCT(TuneOk, (), (channel_max, frame_max, heartbeat))

struct Open {
    static constexpr MethodId id{10, 40};
    static constexpr std::string_view name = "connection.open";
    ShortString virtual_host = {};
    ShortString reserved_1 = {};
    bool reserved_2 = false;
};
BOOST_DESCRIBE_STRUCT(Open, (), (virtual_host, reserved_1, reserved_2))

struct OpenOk {
    static constexpr MethodId id{10, 41};
    static constexpr std::string_view name = "connection.open-ok";
    ShortString reserved_1 = {};
};
BOOST_DESCRIBE_STRUCT(OpenOk, (), (reserved_1))

struct Close {
    static constexpr MethodId id{10, 50};
    static constexpr std::string_view name = "connection.close";
    std::uint16_t reply_code = 0;
    ShortString reply_text = {};
    std::uint16_t class_id = 0;
    std::uint16_t method_id = 0;
};
BOOST_DESCRIBE_STRUCT(Close, (), (reply_code, reply_text, class_id, method_id))

struct CloseOk {
    static constexpr MethodId id{10, 51};
    static constexpr std::string_view name = "connection.close-ok";
};
BOOST_DESCRIBE_STRUCT(CloseOk, (), ())

struct Blocked {
    static constexpr MethodId id{10, 60};
    static constexpr std::string_view name = "connection.blocked";
    ShortString reason = {};
};
BOOST_DESCRIBE_STRUCT(Blocked, (), (reason))

struct Unblocked {
    static constexpr MethodId id{10, 61};
    static constexpr std::string_view name = "connection.unblocked";
};
BOOST_DESCRIBE_STRUCT(Unblocked, (), ())

struct UpdateSecret {
    static constexpr MethodId id{10, 70};
    static constexpr std::string_view name = "connection.update-secret";
    LongString new_secret = {};
    ShortString reason = {};
};
BOOST_DESCRIBE_STRUCT(UpdateSecret, (), (new_secret, reason))

struct UpdateSecretOk {
    static constexpr MethodId id{10, 71};
    static constexpr std::string_view name = "connection.update-secret-ok";
};
BOOST_DESCRIBE_STRUCT(UpdateSecretOk, (), ())

using Methods = MethodList<Start, StartOk, Secure, SecureOk, Tune, TuneOk, Open, OpenOk, Close, CloseOk, Blocked,
                           Unblocked, UpdateSecret, UpdateSecretOk>;

} // namespace amqp::connection
