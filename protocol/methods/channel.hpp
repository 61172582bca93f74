// Class channel [spec channel].
// One struct per method: its fields are the arguments in wire order.
#pragma once

#include "protocol/methods/method.hpp"

namespace amqp::channel {

struct Open {
    static constexpr MethodId id{20, 10};
    static constexpr std::string_view name = "channel.open";
    ShortString reserved_1 = {};
};
BOOST_DESCRIBE_STRUCT(Open, (), (reserved_1))

struct OpenOk {
    static constexpr MethodId id{20, 11};
    static constexpr std::string_view name = "channel.open-ok";
    LongString reserved_1 = {};
};
BOOST_DESCRIBE_STRUCT(OpenOk, (), (reserved_1))

struct Flow {
    static constexpr MethodId id{20, 20};
    static constexpr std::string_view name = "channel.flow";
    bool active = false;
};
BOOST_DESCRIBE_STRUCT(Flow, (), (active))

struct FlowOk {
    static constexpr MethodId id{20, 21};
    static constexpr std::string_view name = "channel.flow-ok";
    bool active = false;
};
BOOST_DESCRIBE_STRUCT(FlowOk, (), (active))

struct Close {
    static constexpr MethodId id{20, 40};
    static constexpr std::string_view name = "channel.close";
    std::uint16_t reply_code = 0;
    ShortString reply_text = {};
    std::uint16_t class_id = 0;
    std::uint16_t method_id = 0;
};
BOOST_DESCRIBE_STRUCT(Close, (), (reply_code, reply_text, class_id, method_id))

struct CloseOk {
    static constexpr MethodId id{20, 41};
    static constexpr std::string_view name = "channel.close-ok";
};
BOOST_DESCRIBE_STRUCT(CloseOk, (), ())

using Methods = MethodList<Open, OpenOk, Flow, FlowOk, Close, CloseOk>;

} // namespace amqp::channel
