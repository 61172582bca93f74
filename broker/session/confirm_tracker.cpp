#include "broker/session/confirm_tracker.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace broker {

void ConfirmTracker::settle(std::uint64_t first, std::uint64_t count, bool accepted) {
    const Range range{first, first + count};
    LEVERET_ASSERT(range.first >= lowest_ && range.end <= next_);
    append(accepted ? accepted_ : rejected_, range);
    confirmed_ += count;
    remember(range);
}

void ConfirmTracker::append(Ranges& ranges, Range range) {
    if (!ranges.empty() && ranges.back().end == range.first) {
        ranges.back().end = range.end;
    } else {
        ranges.push_back(range);
    }
}

void ConfirmTracker::remember(Range range) {
    auto above = beyond_.lower_bound(range.first);
    if (range.first != lowest_) {
        if (above != beyond_.begin() && std::prev(above)->second == range.first) {
            std::prev(above)->second = range.end;
            --above;
        } else {
            above = beyond_.emplace_hint(above, range.first, range.end);
        }
        const auto after = std::next(above);
        if (after != beyond_.end() && after->first == range.end) {
            above->second = after->second;
            beyond_.erase(after);
        }
        return;
    }
    lowest_ = range.end;
    if (above != beyond_.end() && above->first == lowest_) {
        lowest_ = above->second;
        beyond_.erase(above);
    }
}

std::uint64_t ConfirmTracker::lowest_of(const Ranges& ranges) {
    const auto lowest = std::ranges::min_element(ranges, {}, &Range::first);
    return lowest == ranges.end() ? std::numeric_limits<std::uint64_t>::max() : lowest->first;
}

void ConfirmTracker::sort(Ranges& ranges) {
    if (!std::ranges::is_sorted(ranges, {}, &Range::first)) {
        std::ranges::sort(ranges, {}, &Range::first);
    }
}

} // namespace broker
