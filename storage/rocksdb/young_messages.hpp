// The messages of one queue that are in the commit log, oldest first. They are in memory as well, for as long as they
// are in the log: to move one to a page, or to read it, needs no look at the disk. Owned by GroupBuilder, on the commit
// thread alone.
#pragma once

#include "storage/rocksdb/log_codec.hpp"

#include <utility>
#include <vector>

namespace storage {

struct YoungMessage {
    StoredMessage entry;
    LogNumber log = 0;       // the value it is in, or will be in when its group is written
    std::uint32_t batch = 0; // of that group; says nothing when that is written
    bool gone() const { return entry.message == nullptr; }
};

class YoungMessages {
 public:
    bool empty() const { return live_ == 0; }
    std::size_t size() const { return live_; }
    std::uint64_t body_bytes() const { return body_bytes_; }
    Sequence first() const { return messages_[begin_].entry.sequence; } // of the oldest; not when empty
    LogNumber oldest_log() const { return messages_[begin_].log; }      // likewise
    Sequence last() const { return messages_.back().entry.sequence; }   // no young one is above it; likewise

    void push(StoredMessage entry, LogNumber log, std::uint32_t batch = 0);
    const YoungMessage* find(Sequence sequence) const; // null when it is not here
    YoungMessage* find(Sequence sequence) { return const_cast<YoungMessage*>(std::as_const(*this).find(sequence)); }
    void clear();

    // Takes away those in [first, end), each shown to `taken` first.
    template <class Taken>
    void take(Sequence first, Sequence end, const Taken& taken) {
        for (std::size_t i = index_from(first); i < messages_.size() && messages_[i].entry.sequence < end; ++i) {
            if (messages_[i].gone())
                continue;
            taken(messages_[i]);
            forget(messages_[i]);
        }
        drop_gone();
    }

    template <class Visit>
    void for_each_from(Sequence first, const Visit& visit) const { // until `visit` returns false
        for (std::size_t i = index_from(first); i < messages_.size(); ++i)
            if (!messages_[i].gone() && !visit(messages_[i]))
                return;
    }

 private:
    std::size_t index_from(Sequence at_least) const;
    void forget(YoungMessage& message);
    void drop_gone(); // at the front

    std::vector<YoungMessage> messages_;
    std::size_t begin_ = 0; // of what is not gone
    std::size_t live_ = 0;
    std::uint64_t body_bytes_ = 0;
};

} // namespace storage
