// A number that only goes up. One thread at a time counts (a strand, a network thread), any thread may read: that costs
// no more than a plain integer, since nobody else's count can be lost.
#pragma once

#include <atomic>
#include <cstdint>

namespace broker {

class Counter {
 public:
    Counter& operator+=(std::uint64_t count) {
        value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
        return *this;
    }
    Counter& operator++() { return *this += 1; }
    operator std::uint64_t() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<std::uint64_t> value_{0};
};

} // namespace broker
