// All counters at one moment, and the figures that two such moments make. Plain values of the main thread.
#pragma once

#include "bench/counters.hpp"

#include <array>
#include <cstdint>

namespace bench {

struct Sample {
    double time_s = 0; // since the start
    std::uint64_t published = 0, confirmed = 0, nacked = 0, returned = 0, consumed = 0, cycles = 0;
    Histogram::Snapshot consumer_latency, confirm_latency, cycle_latency;

    void add(const Counters& counters);
    Sample since(const Sample& earlier) const;
};

// Of one duration, in microseconds.
struct Latency {
    static constexpr std::array<double, 7> percents{0, 50, 75, 95, 99, 99.9, 100};
    static constexpr std::array<const char*, 7> names{"min", "p50", "p75", "p95", "p99", "p999", "max"};

    explicit Latency(const Histogram::Snapshot& histogram);

    std::uint64_t count = 0;
    std::array<double, percents.size()> us{};
};

// Of one interval.
struct Figures {
    explicit Figures(const Sample& interval, double time_s);

    double time_s;                                                   // its end
    double published, confirmed, nacked, returned, consumed, cycles; // a second
    Latency consumer_latency, confirm_latency, cycle_latency;
};

} // namespace bench
