// Counts of durations by size, exact to 1.6 %: 64 buckets for each power of two. Written by one thread, read by any at
// any time; nothing is allocated when something is recorded.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bench {

class Histogram {
 public:
    void record(std::uint64_t nanoseconds) {
        auto& count = counts_[bucket_of(nanoseconds)];
        count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); // the only writer
    }

    // A copy at one moment, to be added up and subtracted.
    class Snapshot {
     public:
        void add(const Histogram& histogram);
        Snapshot since(const Snapshot& earlier) const;
        std::uint64_t total() const;
        std::uint64_t percentile(double percent) const; // nanoseconds; 0 when there is nothing

     private:
        std::array<std::uint64_t, 64 * 64> counts_{};
    };

 private:
    static constexpr unsigned precision = 6; // bits

    static std::size_t bucket_of(std::uint64_t value) {
        const unsigned width = static_cast<unsigned>(std::bit_width(value >> precision));
        return (std::size_t{width} << precision) + static_cast<std::size_t>(value >> width & 63);
    }
    static std::uint64_t value_of(std::size_t bucket) { return std::uint64_t{bucket & 63} << (bucket >> precision); }

    std::array<std::atomic<std::uint64_t>, 64 * 64> counts_{};
};

} // namespace bench
