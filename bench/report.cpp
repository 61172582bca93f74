#include "bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace bench {
namespace {

double rate(std::uint64_t count, double seconds) {
    return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

double microseconds(std::uint64_t nanoseconds) {
    return static_cast<double>(nanoseconds) / 1000;
}

std::string latency_text(const Histogram::Snapshot& latency) {
    return fmt::format("{:.0f}/{:.0f}/{:.0f}/{:.0f}/{:.0f}", microseconds(latency.percentile(0)),
                       microseconds(latency.percentile(50)), microseconds(latency.percentile(75)),
                       microseconds(latency.percentile(95)), microseconds(latency.percentile(99)));
}

std::string latency_json(const Histogram::Snapshot& latency) {
    return fmt::format(R"({{"count": {}, "min_us": {}, "p50_us": {}, "p75_us": {}, "p95_us": {}, "p99_us": {}, )"
                       R"("p999_us": {}, "max_us": {}}})",
                       latency.total(), microseconds(latency.percentile(0)), microseconds(latency.percentile(50)),
                       microseconds(latency.percentile(75)), microseconds(latency.percentile(95)),
                       microseconds(latency.percentile(99)), microseconds(latency.percentile(99.9)),
                       microseconds(latency.percentile(100)));
}

double per_message_us(double cpu_s, std::uint64_t messages) {
    return messages == 0 ? 0 : cpu_s * 1e6 / static_cast<double>(messages);
}

} // namespace

Sample Sample::of(const std::vector<const Counters*>& counters, double time_s) {
    Sample sample;
    sample.time_s = time_s;
    for (const Counters* one : counters) {
        sample.published += one->published.get();
        sample.confirmed += one->confirmed.get();
        sample.nacked += one->nacked.get();
        sample.returned += one->returned.get();
        sample.consumed += one->consumed.get();
        sample.consumer_latency.add(one->consumer_latency);
        sample.confirm_latency.add(one->confirm_latency);
    }
    return sample;
}

Sample Sample::since(const Sample& earlier) const {
    Sample difference = *this;
    difference.time_s -= earlier.time_s;
    difference.published -= earlier.published;
    difference.confirmed -= earlier.confirmed;
    difference.nacked -= earlier.nacked;
    difference.returned -= earlier.returned;
    difference.consumed -= earlier.consumed;
    difference.consumer_latency = consumer_latency.since(earlier.consumer_latency);
    difference.confirm_latency = confirm_latency.since(earlier.confirm_latency);
    return difference;
}

Report::Report(const Options& options) : options_(options) {
    if (options.broker_pid != 0) {
        broker_at_start_ = ProcessUsage::of(options.broker_pid);
    }
}

void Report::interval(const Sample& total) {
    const Sample now = total.since(last_);
    std::string line = fmt::format("time {:.1f} s", total.time_s);
    if (options_.producers > 0) {
        line += fmt::format(", sent: {:.0f} msg/s", rate(now.published, now.time_s));
    }
    if (now.returned > 0) {
        line += fmt::format(", returned: {:.0f} msg/s", rate(now.returned, now.time_s));
    }
    if (options_.confirm) {
        line += fmt::format(", confirmed: {:.0f} msg/s, nacked: {:.0f} msg/s", rate(now.confirmed, now.time_s),
                            rate(now.nacked, now.time_s));
    }
    if (options_.consumers > 0) {
        line += fmt::format(", received: {:.0f} msg/s", rate(now.consumed, now.time_s));
    }
    if (now.confirm_latency.total() > 0) {
        line += fmt::format(", min/median/75th/95th/99th confirm latency: {} us", latency_text(now.confirm_latency));
    }
    if (now.consumer_latency.total() > 0) {
        line += fmt::format(", min/median/75th/95th/99th consumer latency: {} us", latency_text(now.consumer_latency));
    }
    std::puts(line.c_str());
    std::fflush(stdout);
    last_ = total;
}

void Report::finish(const Sample& total) {
    std::optional<ProcessUsage> used;
    if (options_.broker_pid != 0) {
        used = ProcessUsage::of(options_.broker_pid);
        used->cpu_s -= broker_at_start_.cpu_s;
    }
    fmt::print("sending rate avg: {:.0f} msg/s\n", rate(total.published, total.time_s));
    fmt::print("receiving rate avg: {:.0f} msg/s\n", rate(total.consumed, total.time_s));
    if (options_.confirm) {
        fmt::print("confirm rate avg: {:.0f} msg/s, {} nacked\n", rate(total.confirmed, total.time_s), total.nacked);
        fmt::print("confirm latency min/median/75th/95th/99th {} us\n", latency_text(total.confirm_latency));
    }
    if (total.consumer_latency.total() > 0) {
        fmt::print("consumer latency min/median/75th/95th/99th {} us\n", latency_text(total.consumer_latency));
    }
    if (used) {
        fmt::print("{}\n", broker_line(total, *used));
    }
    if (!options_.json.empty()) {
        std::ofstream file(options_.json);
        if (!(file << json(total, used) << std::flush)) {
            throw std::runtime_error("--json: cannot write " + options_.json);
        }
    }
}

std::string Report::broker_line(const Sample& total, const ProcessUsage& used) const {
    return fmt::format("broker CPU: {:.3f} us per message sent, {:.3f} us per message received, {:.0f} % of a core; "
                       "peak RSS {:.1f} MiB",
                       per_message_us(used.cpu_s, total.published), per_message_us(used.cpu_s, total.consumed),
                       100 * used.cpu_s / total.time_s, static_cast<double>(used.peak_rss_kib) / 1024);
}

std::string Report::json(const Sample& total, const std::optional<ProcessUsage>& used) const {
    std::string text =
        fmt::format("{{\n  \"time_s\": {:.3f},\n  \"producers\": {},\n  \"consumers\": {},\n  \"size\": {},\n",
                    total.time_s, options_.producers, options_.consumers, options_.size);
    text += fmt::format("  \"published\": {},\n  \"confirmed\": {},\n  \"nacked\": {},\n  \"returned\": {},\n"
                        "  \"consumed\": {},\n",
                        total.published, total.confirmed, total.nacked, total.returned, total.consumed);
    text += fmt::format("  \"published_per_s\": {:.1f},\n  \"consumed_per_s\": {:.1f},\n",
                        rate(total.published, total.time_s), rate(total.consumed, total.time_s));
    if (used) {
        text += fmt::format("  \"broker_cpu_s\": {:.2f},\n  \"broker_cpu_us_per_published\": {:.4f},\n"
                            "  \"broker_cpu_us_per_consumed\": {:.4f},\n  \"broker_peak_rss_kib\": {},\n",
                            used->cpu_s, per_message_us(used->cpu_s, total.published),
                            per_message_us(used->cpu_s, total.consumed), used->peak_rss_kib);
    }
    return text + fmt::format("  \"confirm_latency\": {},\n  \"consumer_latency\": {}\n}}\n",
                              latency_json(total.confirm_latency), latency_json(total.consumer_latency));
}

} // namespace bench
