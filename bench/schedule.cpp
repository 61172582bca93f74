#include "bench/schedule.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

namespace bench {
namespace {

constexpr double for_ever = 1e9; // seconds

double parse_number(std::string_view text) {
    double value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

} // namespace

Schedule Schedule::constant(double value) {
    Schedule schedule;
    schedule.steps_.push_back({value, for_ever});
    return schedule;
}

void Schedule::add(std::string_view text) {
    const std::size_t colon = text.find(':');
    const double value = parse_number(text.substr(0, colon));
    const double seconds = colon == std::string_view::npos ? -1 : parse_number(text.substr(colon + 1));
    if (value < 0 || seconds <= 0) {
        throw std::runtime_error("'" + std::string(text) + "' is not VALUE:SECONDS");
    }
    steps_.push_back({value, seconds});
}

double Schedule::events_of_round() const {
    return std::accumulate(steps_.begin(), steps_.end(), 0.0,
                           [](double sum, const Step& step) { return sum + step.value * step.seconds; });
}

double Schedule::seconds_of_round() const {
    return std::accumulate(steps_.begin(), steps_.end(), 0.0,
                           [](double sum, const Step& step) { return sum + step.seconds; });
}

bool Schedule::never_due() const {
    return !empty() && events_of_round() <= 0;
}

std::size_t Schedule::step_at(std::uint64_t elapsed_ns) const {
    double left = std::fmod(static_cast<double>(elapsed_ns) / 1e9, seconds_of_round());
    std::size_t step = 0;
    while (step + 1 < steps_.size() && left >= steps_[step].seconds) {
        left -= steps_[step++].seconds;
    }
    return step;
}

std::uint64_t Schedule::due_at(std::uint64_t elapsed_ns) const {
    const double elapsed = static_cast<double>(elapsed_ns) / 1e9;
    const double rounds = std::floor(elapsed / seconds_of_round());
    double left = elapsed - rounds * seconds_of_round();
    double events = rounds * events_of_round();
    for (const Step& step : steps_) {
        events += step.value * std::clamp(left, 0.0, step.seconds);
        left -= step.seconds;
    }
    return static_cast<std::uint64_t>(events) + 1;
}

std::uint64_t Schedule::time_of(std::uint64_t event) const {
    const double rounds = std::floor(static_cast<double>(event) / events_of_round());
    double left = static_cast<double>(event) - rounds * events_of_round();
    double seconds = rounds * seconds_of_round();
    for (const Step& step : steps_) {
        const double events = step.value * step.seconds;
        if (left < events) {
            seconds += left / step.value;
            break;
        }
        left -= events;
        seconds += step.seconds;
    }
    return static_cast<std::uint64_t>(std::ceil(seconds * 1e9));
}

} // namespace bench
