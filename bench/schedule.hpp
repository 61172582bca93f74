// A value that changes with time: steps that follow each other and begin again after the last. As a rate it says how
// many events are due and when the n-th one is. Immutable, read by every thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace bench {

class Schedule {
 public:
    Schedule() = default; // nothing: no limit
    static Schedule constant(double value);
    // Adds VALUE:SECONDS; throws std::runtime_error when it is something else.
    void add(std::string_view text);

    bool empty() const { return steps_.empty(); }
    std::size_t steps() const { return steps_.size(); }
    double value_of(std::size_t step) const { return steps_[step].value; }
    std::size_t step_at(std::uint64_t elapsed_ns) const;

    // As a rate a second; at least one step is more than 0.
    std::uint64_t due_at(std::uint64_t elapsed_ns) const; // events in the first so many nanoseconds, the first at 0
    std::uint64_t time_of(std::uint64_t event) const;     // nanoseconds after the start, the first event is 0
    bool never_due() const;

 private:
    struct Step {
        double value = 0;
        double seconds = 0;
    };
    double events_of_round() const;
    double seconds_of_round() const;

    std::vector<Step> steps_;
};

} // namespace bench
