// A number of octets that several owners share: what they hold counts against one limit. Owned by a VirtualHost, on its
// strand.
#pragma once

#include "protocol/assert.hpp"

#include <cstdint>

namespace broker {

class MemoryBudget {
 public:
    explicit MemoryBudget(std::uint64_t limit) : limit_(limit) {}

    // False, and nothing is taken, if it would be too much.
    bool take(std::uint64_t bytes) {
        if (bytes > limit_ - used_) {
            return false;
        }
        used_ += bytes;
        return true;
    }
    void give_back(std::uint64_t bytes) {
        LEVERET_ASSERT(bytes <= used_);
        used_ -= bytes;
    }
    std::uint64_t used() const { return used_; }

 private:
    const std::uint64_t limit_;
    std::uint64_t used_ = 0;
};

} // namespace broker
