#include "broker/admin/rate_keys.hpp"

#include <algorithm>

namespace broker {

RateKeys::Column* RateKeys::find_column(std::string_view name, std::int64_t now_ms) {
    auto found = columns_.find(name);
    if (found == columns_.end()) {
        if (columns_.size() == max_columns) {
            columns_.erase(std::ranges::min_element(
                columns_, {}, [](const auto& column) { return column.second.asked_ms; }));
        }
        found = columns_.emplace(name, Column()).first;
    }
    found->second.asked_ms = now_ms;
    return &found->second;
}

double RateKeys::rate(std::string_view column_name, std::string_view name, double value, std::int64_t now_ms) {
    Column& column = *find_column(column_name, now_ms);
    auto found = column.things.find(name);
    if (found == column.things.end()) {
        if (column.things.size() < max_things) {
            column.things.emplace(name, Samples{Sample{value, now_ms}, Sample{value, now_ms}});
        }
        return 0;
    }
    auto& [older, newer] = found->second;
    if (value < newer.value && column_name.starts_with("message_stats")) { // it counts something else now
        older = newer = {value, now_ms};
    } else if (now_ms - newer.at_ms >= sample_interval_ms) {
        older = newer;
        newer = {value, now_ms};
    }
    const std::int64_t passed_ms = now_ms - older.at_ms;
    return passed_ms > 0 ? (value - older.value) * 1000 / static_cast<double>(passed_ms) : 0;
}

void RateKeys::forget_unused(std::int64_t now_ms) {
    std::erase_if(columns_, [&](const auto& column) { return now_ms - column.second.asked_ms > forget_after_ms; });
}

} // namespace broker
