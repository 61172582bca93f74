// Says whether a commit group stays open a little before it is written. What consumers settle meanwhile is never
// written, and is confirmed without a sync: where they keep up, most messages skip the disk. Where they do not, holding
// would only make confirms late, so it is tried ever more seldom there. Owned by CommitThread, on its thread alone.
#pragma once

#include <algorithm>
#include <cstdint>

namespace storage {

class ElisionHold {
 public:
    bool pays() const { return to_skip_ == 0; }

    // What became of the group's new messages, after a hold if it paid.
    void learn(std::size_t appended, std::size_t elided) {
        if (appended == 0)
            return;
        if (2 * elided >= appended) {
            to_skip_ = 0;
            next_skip_ = std::max(next_skip_ / 2, 1u);
        } else if (to_skip_ > 0) {
            to_skip_ -= 1;
        } else {
            to_skip_ = next_skip_;
            next_skip_ = std::min(2 * next_skip_, most_skipped);
        }
    }

 private:
    static constexpr std::uint32_t most_skipped = 1024; // groups; one hold among so many is not noticed

    std::uint32_t to_skip_ = 0;
    std::uint32_t next_skip_ = 1;
};

} // namespace storage
