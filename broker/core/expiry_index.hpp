// When the ready messages of a queue expire: finds those that are due wherever they stand in the queue. A heap by time,
// cheap for rising times, in which messages that have left meanwhile stay until their time comes or until they are more
// than those that are still there. Owned by its Queue, on the strand. It does not hold messages.
#pragma once

#include "broker/core/ready_list.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace broker {

class ExpiryIndex {
 public:
    struct Entry {
        std::int64_t at_ms;
        storage::Sequence sequence;
        std::uint8_t priority;
    };

    void add(const ReadyMessage& message); // requires an expiry
    bool empty() const { return heap_.empty(); }
    std::size_t size() const { return heap_.size(); }
    const Entry& first() const { return heap_.front(); } // requires !empty()
    Entry pop();
    void clear() { heap_.clear(); }

    // To be called after add: forgets what is not in `list` any more, when that is worth the work.
    void sweep(const ReadyList& list);

 private:
    std::vector<Entry> heap_; // the earliest in front
};

} // namespace broker
