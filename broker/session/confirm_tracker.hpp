// The publishes of a channel in confirm mode [section 4]: counts them from 1 and turns the virtual host's answers,
// which come in any order and in ranges, into the fewest basic.ack and basic.nack. Owned by its Channel, used on the
// connection's network thread. Memory follows the number of gaps, not of publishes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace broker {

class ConfirmTracker {
 public:
    std::uint64_t next_number() { return next_++; } // of a publish [K1]
    std::uint64_t confirmed() const { return confirmed_; }
    std::uint64_t unconfirmed() const { return next_ - 1 - confirmed_; }

    // Numbers [first, first + count) are answered, each exactly once.
    void settle(std::uint64_t first, std::uint64_t count, bool accepted);

    // Reports what was settled since the last time as emit(accepted, number, multiple) [K8]: one with `multiple` covers
    // everything below the smallest number that is unconfirmed or answered otherwise in this batch, the rest go one by
    // one.
    template <class Emit>
    void flush(Emit&& emit) {
        if (rejected_.empty() && accepted_.empty()) {
            return;
        }
        const std::uint64_t unconfirmed_from = lowest_;
        const std::uint64_t first_accepted = lowest_of(accepted_);
        const std::uint64_t first_rejected = lowest_of(rejected_);
        report(rejected_, std::min(unconfirmed_from, first_accepted), false, emit);
        report(accepted_, std::min(unconfirmed_from, first_rejected), true, emit);
    }

 private:
    struct Range {
        std::uint64_t first, end;
    };
    using Ranges = std::vector<Range>;

    static void append(Ranges& ranges, Range range);
    static std::uint64_t lowest_of(const Ranges& ranges);
    static void sort(Ranges& ranges);
    void remember(Range range);

    template <class Emit>
    static void report(Ranges& ranges, std::uint64_t cutoff, bool accepted, Emit& emit) {
        sort(ranges);
        std::uint64_t covered = 0, last = 0;
        for (const Range& range : ranges) {
            if (range.first < cutoff) {
                last = std::min(range.end, cutoff) - 1;
                covered += last - range.first + 1;
            }
        }
        if (covered != 0) {
            emit(accepted, last, covered > 1);
        }
        for (const Range& range : ranges) {
            for (std::uint64_t number = std::max(range.first, cutoff); number < range.end; ++number) {
                emit(accepted, number, false);
            }
        }
        ranges.clear();
    }

    std::uint64_t next_ = 1;
    std::uint64_t lowest_ = 1; // the smallest unconfirmed number
    std::uint64_t confirmed_ = 0;
    std::map<std::uint64_t, std::uint64_t> beyond_; // confirmed ranges above lowest_, first -> end; never adjacent
    Ranges accepted_, rejected_;                    // since the last flush
};

} // namespace broker
