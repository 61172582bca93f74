// What becomes of a message that dies in a queue with a dead letter exchange [section 3.5]: the message to be published
// there, with its history in the headers x-death, x-first-death-* and x-last-death-*. Pure functions; routing it and
// taking it out of its queue are the virtual host's.
//
// A publisher may send an x-death header of its own. It is not interpreted: Message::deaths tells ours from theirs,
// also after a restart. At the next death it is replaced.
#pragma once

#include "protocol/message.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

enum class DeathReason : std::uint8_t { rejected, expired, maxlen, delivery_limit };

std::string_view name(DeathReason reason); // "delivery_limit"

struct Death {
    DeathReason reason;
    std::string_view queue;
    std::string_view dead_letter_exchange;
    std::optional<std::string_view> dead_letter_routing_key; // absent: the message's own keys
    std::int64_t now_ms;
};

struct DeadLetter {
    amqp::MessagePtr message;
    std::unique_ptr<std::vector<std::string>> extra_keys; // of its CC header; null when there are none
    // The queues that it must not reach again: it died there, and no consumer has rejected it since.
    std::vector<std::string> died_in;

    bool may_enter(std::string_view queue) const;
};

DeadLetter make_dead_letter(const amqp::Message& message, const Death& death);

// The history is bounded: beyond this the oldest deaths are forgotten. A cycle of more queues than that is ended by the
// number of deaths without a rejection.
inline constexpr std::size_t max_deaths_kept = 100;
inline constexpr std::size_t max_death_bytes_kept = 32 * 1024;
inline constexpr std::uint16_t max_automatic_deaths = 20'000;

} // namespace broker
