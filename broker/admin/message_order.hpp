// What a request wants done with messages of a queue: which ones, and where they are to go. Read from its body; a plain
// value.
#pragma once

#include "broker/admin/message_filter.hpp"
#include "broker/core/browsing.hpp"
#include "protocol/error.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

// Which messages: those with these numbers, or those that match; the first `count` of them.
struct MessageChoice {
    std::optional<std::vector<storage::Sequence>> sequences; // rising
    MessageFilter filter;
    std::uint64_t count = std::numeric_limits<std::uint64_t>::max();

    bool wants(const BrowsedMessage& message) const;
    // Where to look next if the order is that of the numbers: not before the next one wanted. Nothing: none is left.
    struct Look {
        Place after;
        std::size_t max = browsed_per_slice;
    };
    std::optional<Look> next_look(Place place, bool by_priority) const;

    static constexpr std::size_t max_sequences = 10'000;
    static constexpr storage::Sequence max_gap = 16; // messages read in vain rather than reading twice
};

struct MessageOrder {
    // Back: to the queue where each died last, or anew through the exchange that it was published to then.
    enum class To : std::uint8_t { nowhere, queue, exchange, back_to_queue, back_to_exchange };

    Relocation::How how = Relocation::How::remove;
    To to = To::nowhere;
    std::string name{};                     // of the queue or the exchange
    std::optional<std::string> routing_key; // of the exchange; absent: each message's own
    MessageChoice choice;

    static amqp::Result<MessageOrder> of(Relocation::How how, std::string_view body);
};

} // namespace broker
