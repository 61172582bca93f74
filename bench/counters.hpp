// What one load thread has done so far: written by it alone, read by the reporter at any time.
#pragma once

#include "bench/histogram.hpp"

#include <atomic>
#include <cstdint>

namespace bench {

class Counter {
 public:
    void add(std::uint64_t count) {
        value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
    std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<std::uint64_t> value_{0};
};

struct Counters {
    Counter published, confirmed, nacked, returned, consumed;
    Counter cycles;             // of churn: something made and removed again
    Histogram consumer_latency; // from the intended time of sending to the arrival
    Histogram confirm_latency;
    Histogram cycle_latency;
};

} // namespace bench
