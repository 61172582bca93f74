// The batches that are written together, in the order in which they came. While the group is held open, those complete
// whose publishers wait for nothing any more; all others when it is written. Owned by CommitThread, on its thread
// alone.
#pragma once

#include "storage/rocksdb/group_builder.hpp"
#include "storage/store.hpp"

#include <chrono>
#include <vector>

namespace storage {

class CommitGroup {
 public:
    using Time = std::chrono::steady_clock::time_point;

    struct Member {
        Store::Completion completion; // empty: complete
        std::size_t bytes = 0;
        Outcome outcome = Outcome::durable;
        bool promised = false;
        bool whole = false;    // all of it must be on disk before it, or anything behind it, completes
        bool repeated = false; // was written before; the builder does not have it
        std::size_t in_builder = 0;
        Time since;
    };

    bool empty() const { return members_.empty(); }
    std::size_t size() const { return members_.size(); }
    std::size_t bytes() const { return bytes_; } // of those that are not complete
    bool promised() const { return promised_; }
    bool urgent() const { return urgent_; } // one of them waits for more than its messages
    bool repeated() const { return repeated_; }
    // Since when the first one waits that others wait behind; max() when none does.
    Time oldest() const { return first_ < members_.size() ? members_[first_].since : Time::max(); }

    void add(Member member);
    // Those at the front of which `builder` says that nothing is left to wait for. How many bytes they had.
    std::size_t complete_settled(const GroupBuilder& builder);
    void fail();
    std::size_t complete(); // all others; the group is empty then. How many bytes they had.

 private:
    void skip_what_nobody_waits_for();
    std::size_t complete(Member& member);

    std::vector<Member> members_;
    std::size_t first_ = 0; // that is promised or whole, and not complete
    std::size_t bytes_ = 0;
    bool promised_ = false;
    bool urgent_ = false;
    bool repeated_ = false;
};

} // namespace storage
