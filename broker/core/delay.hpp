// The x-delay header of a message, and the message as it waits: its delay negated, which shows the receiver that it was
// delayed and keeps a second delayed exchange from delaying it again. Pure functions.
#pragma once

#include "protocol/error.hpp"
#include "protocol/field_table.hpp"
#include "protocol/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace broker {

inline constexpr std::string_view delay_header = "x-delay";
inline constexpr std::int64_t max_delay_ms = 315'360'000'000; // ten years

struct Delay {
    std::int64_t ms = 0; // positive
    amqp::FieldValue negated;
};

// Nothing: the message is routed at once, for its delay is no number, zero or negative. More than ten years is refused.
amqp::Result<std::optional<Delay>> delay_of(const amqp::FieldValue* header);

// `extra_keys` (CC and BCC; may be null) wait with the message, in a header that nobody else sees.
amqp::MessagePtr waiting_message(const amqp::Message& message, const Delay& delay,
                                 const std::vector<std::string>* extra_keys);

struct Waited {
    amqp::MessagePtr message;
    std::vector<std::string> extra_keys;
};
Waited after_waiting(amqp::MessagePtr message);

} // namespace broker
