// Looking at the ready messages of a queue without touching them, and doing something with those that were chosen. A
// queue is looked at slice by slice, so that nobody waits for a long one; what is only in the store is read and not
// kept.
//
// Plain data: made on the strand, read and chosen from anywhere, brought back to the strand with a Relocation.
#pragma once

#include "broker/core/ready_list.hpp"
#include "protocol/message.hpp"
#include "storage/store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace broker {

inline constexpr std::size_t browsed_per_slice = 1024;
inline constexpr std::size_t relocated_per_hold = 128;

struct BrowsedMessage {
    ReadyMessage ready;
    bool only_stored = false; // it was not in memory
    int level = 0;

    Place place() const { return {level, ready.sequence}; }
};

struct BrowsedSlice {
    storage::QueueId queue = 0; // 0: there is none of that name
    bool exclusive = false;     // and nobody else may look: nothing was read
    bool by_priority = false;   // the order is not that of the numbers
    // Of what is only in the store. As long as the queue has the same, nobody has taken anything out there.
    std::uint64_t revision = 0;
    storage::Sequence newest = 0; // of the queue, not of the slice, as the next one
    std::uint64_t ready = 0;      // messages
    std::vector<BrowsedMessage> messages;
    Place next;                                      // what comes then stands behind this
    bool end = false;                                // nothing comes then
    std::optional<storage::Sequence> read_from = {}; // a page of the store is to be added
};

// What is to become of messages of one slice.
struct Relocation {
    enum class How : std::uint8_t { remove, move, copy };
    struct Item {
        BrowsedMessage seen;
        amqp::MessagePtr leaving = nullptr; // as it is published; null with `remove`
        std::string queue = {};             // straight there; empty: through the exchange that `leaving` names
    };

    How how = How::remove;
    storage::QueueId queue = 0;
    std::uint64_t revision = 0;
    std::vector<Item> items = {}; // at most relocated_per_hold
};

struct Relocated {
    std::uint64_t done = 0;
    std::uint64_t unroutable = 0; // no queue was reached: they stay
    std::uint64_t refused = 0;    // a queue was full: they stay
    bool stale = false;           // others have taken messages out of the store: nothing was done, look again
    std::uint64_t revision = 0;   // what it is now
};

} // namespace broker
