#include "broker/metrics/history.hpp"

#include <algorithm>

namespace broker {
namespace {

// A rate over less than this says more about the moment than about the traffic.
constexpr std::int64_t shortest_ms = 200;
// Whoever asks every five seconds does not do so to the millisecond.
constexpr std::int64_t tolerance_ms = 500;

double per_second(std::uint64_t from, std::uint64_t to, std::int64_t elapsed_ms) {
    return (static_cast<double>(to) - static_cast<double>(from)) * 1000.0 / static_cast<double>(elapsed_ms);
}

} // namespace

void History::keep(Tiers tiers) {
    tiers_ = tiers;
}

void History::record(std::int64_t now_ms, std::span<const std::uint64_t> values, std::size_t counters) {
    if (!rows_.empty() && !rows_.front().empty()) {
        const Row& last = rows_.front().back();
        const auto has_fallen = [&](std::size_t i) { return values[i] < last.values[i]; };
        bool fallen = last.values.size() != values.size();
        for (std::size_t i = 0; !fallen && i < counters; ++i) {
            fallen = has_fallen(i);
        }
        if (fallen || now_ms < last.at_ms) {
            rows_.clear();
        }
    }
    rows_.resize(tiers_.size());
    for (std::size_t i = 0; i < tiers_.size(); ++i) {
        Rows& rows = rows_[i];
        if (!rows.empty() && now_ms - rows.back().at_ms < tiers_[i].interval_ms - tolerance_ms) {
            continue;
        }
        rows.push_back({now_ms, {values.begin(), values.end()}});
        while (rows.size() > tiers_[i].samples) {
            rows.pop_front();
        }
    }
}

const History::Row* History::newest_at(std::int64_t at_ms) const {
    for (const Rows& rows : rows_) { // the finest that goes back so far
        const auto after = std::ranges::upper_bound(rows, at_ms, {}, &Row::at_ms);
        if (after != rows.begin()) {
            return &*std::prev(after);
        }
    }
    return nullptr;
}

const History::Row* History::base(std::int64_t now_ms) const {
    if (const Row* row = newest_at(now_ms - sample_interval_ms + tolerance_ms)) {
        return row;
    }
    const bool any = !rows_.empty() && !rows_.front().empty();
    return any && now_ms - rows_.front().front().at_ms >= shortest_ms ? &rows_.front().front() : nullptr;
}

std::vector<Trend::Sample> History::samples(std::size_t column, std::int64_t now_ms, TimeRange range) const {
    std::vector<Trend::Sample> found;
    const std::int64_t newest = now_ms - now_ms % range.increment_ms;
    for (std::int64_t at = newest; at >= newest - range.age_ms; at -= range.increment_ms) {
        const Row* row = newest_at(at);
        if (row == nullptr) {
            break;
        }
        found.push_back({at, row->values[column]});
    }
    return found;
}

Trend History::trend(std::size_t column, std::int64_t now_ms, std::uint64_t value,
                     const std::optional<TimeRange>& range) const {
    Trend trend;
    if (const Row* row = base(now_ms); row != nullptr && column < row->values.size()) {
        trend.rate = per_second(row->values[column], value, now_ms - row->at_ms);
    }
    if (!range) {
        return trend;
    }
    trend.samples = samples(column, now_ms, *range);
    if (trend.samples.empty()) {
        trend.samples.push_back({now_ms, value});
    }
    double sum = 0;
    for (const Trend::Sample& sample : trend.samples) {
        sum += static_cast<double>(sample.value);
    }
    trend.average = sum / static_cast<double>(trend.samples.size());
    const Trend::Sample &first = trend.samples.back(), &last = trend.samples.front();
    if (last.at_ms > first.at_ms) {
        trend.average_rate = per_second(first.value, last.value, last.at_ms - first.at_ms);
    }
    return trend;
}

} // namespace broker
