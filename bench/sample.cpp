#include "bench/sample.hpp"

namespace bench {

void Sample::add(const Counters& counters) {
    published += counters.published.get();
    confirmed += counters.confirmed.get();
    nacked += counters.nacked.get();
    returned += counters.returned.get();
    consumed += counters.consumed.get();
    cycles += counters.cycles.get();
    consumer_latency.add(counters.consumer_latency);
    confirm_latency.add(counters.confirm_latency);
    cycle_latency.add(counters.cycle_latency);
}

Sample Sample::since(const Sample& earlier) const {
    Sample difference = *this;
    difference.time_s -= earlier.time_s;
    difference.published -= earlier.published;
    difference.confirmed -= earlier.confirmed;
    difference.nacked -= earlier.nacked;
    difference.returned -= earlier.returned;
    difference.consumed -= earlier.consumed;
    difference.cycles -= earlier.cycles;
    difference.consumer_latency = consumer_latency.since(earlier.consumer_latency);
    difference.confirm_latency = confirm_latency.since(earlier.confirm_latency);
    difference.cycle_latency = cycle_latency.since(earlier.cycle_latency);
    return difference;
}

Latency::Latency(const Histogram::Snapshot& histogram) : count(histogram.total()) {
    for (std::size_t i = 0; i < percents.size(); ++i) {
        us[i] = static_cast<double>(histogram.percentile(percents[i])) / 1000;
    }
}

Figures::Figures(const Sample& interval, double time)
    : time_s(time),
      consumer_latency(interval.consumer_latency),
      confirm_latency(interval.confirm_latency),
      cycle_latency(interval.cycle_latency) {
    const auto rate = [&](std::uint64_t count) {
        return interval.time_s > 0 ? static_cast<double>(count) / interval.time_s : 0;
    };
    published = rate(interval.published);
    confirmed = rate(interval.confirmed);
    nacked = rate(interval.nacked);
    returned = rate(interval.returned);
    consumed = rate(interval.consumed);
    cycles = rate(interval.cycles);
}

} // namespace bench
