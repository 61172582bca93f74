// What a few numbers of one object were at some times in the past, as far as somebody had them sampled: enough for
// rates and charts. Samples get coarser with age: every tier keeps its own interval. Costs nothing before the first
// sample. A plain value, one thread's; time is told to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace broker {

// The part of the past that is asked for [A8].
struct TimeRange {
    std::int64_t age_ms = 0, increment_ms = 0;
};

struct Trend {
    struct Sample {
        std::int64_t at_ms = 0;
        std::uint64_t value = 0;
        bool operator==(const Sample&) const = default;
    };
    double rate = 0; // per second, lately
    std::vector<Sample> samples; // of the range, newest first
    double average_rate = 0, average = 0;
};

class History {
 public:
    struct Tier {
        std::int64_t interval_ms = 0;
        std::size_t samples = 0;
    };
    using Tiers = std::span<const Tier>; // finest first; must be a constant: every history of a kind has the same

    explicit History(Tiers tiers) : tiers_(tiers) {}

    // Always the same numbers in the same order. A counter that has gone down counts something else now: what was
    // before is forgotten. `counters` says how many of the values, from the first, are counters.
    void record(std::int64_t now_ms, std::span<const std::uint64_t> values, std::size_t counters);

    Trend trend(std::size_t column, std::int64_t now_ms, std::uint64_t value,
                const std::optional<TimeRange>& range = {}) const;
    // From now on in these tiers; what has been sampled stays.
    void keep(Tiers tiers);

    static constexpr std::int64_t sample_interval_ms = 5'000; // collect_statistics_interval

 private:
    struct Row {
        std::int64_t at_ms;
        std::vector<std::uint64_t> values;
    };
    using Rows = std::deque<Row>; // oldest first

    const Row* newest_at(std::int64_t at_ms) const; // null: nobody knows
    const Row* base(std::int64_t now_ms) const;     // what the rate is measured from
    std::vector<Trend::Sample> samples(std::size_t column, std::int64_t now_ms, TimeRange range) const;

    Tiers tiers_;
    std::vector<Rows> rows_; // one for each tier that has any
};

} // namespace broker
