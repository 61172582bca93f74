#include "bench/report.hpp"

#include "bench/report_files.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

namespace bench {
namespace {

std::string text_of(const Latency& latency) {
    return fmt::format("{:.0f}/{:.0f}/{:.0f}/{:.0f}/{:.0f} us", latency.us[0], latency.us[1], latency.us[2],
                       latency.us[3], latency.us[4]);
}

double per_one_us(double cpu_s, std::uint64_t count) {
    return count == 0 ? 0 : cpu_s * 1e6 / static_cast<double>(count);
}

std::string line_of(const Figures& now, const Options& options) {
    std::string line = options.id.empty() ? "" : "id: " + options.id + ", ";
    line += fmt::format("time {:.1f} s", now.time_s);
    if (options.churn != Churn::none) {
        return line + fmt::format(", cycles: {:.0f}/s, min/median/75th/95th/99th cycle latency: {}", now.cycles,
                                  text_of(now.cycle_latency));
    }
    if (options.producers > 0) {
        line += fmt::format(", sent: {:.0f} msg/s", now.published);
    }
    if (now.returned > 0) {
        line += fmt::format(", returned: {:.0f} msg/s", now.returned);
    }
    if (options.confirm || options.producer_tx > 0) {
        line += fmt::format(", confirmed: {:.0f} msg/s, nacked: {:.0f} msg/s", now.confirmed, now.nacked);
    }
    if (options.consumers > 0) {
        line += fmt::format(", received: {:.0f} msg/s", now.consumed);
    }
    if (now.confirm_latency.count > 0) {
        line += ", min/median/75th/95th/99th confirm latency: " + text_of(now.confirm_latency);
    }
    if (now.consumer_latency.count > 0) {
        line += ", min/median/75th/95th/99th consumer latency: " + text_of(now.consumer_latency);
    }
    return line;
}

std::size_t terminal_columns() {
    winsize size{};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - std::size_t{1} : 79;
}

} // namespace

Report::Report(const Options& options) : options_(options), terminal_(isatty(STDOUT_FILENO) == 1) {
    if (options.broker_pid != 0) {
        broker_at_start_ = ProcessUsage::of(options.broker_pid);
    }
}

void Report::begin(const Sample& total) {
    first_ = total;
    last_ = total;
    intervals_.clear();
    broker_at_start_ = broker_usage().value_or(ProcessUsage{});
}

std::optional<ProcessUsage> Report::broker_usage() const {
    try {
        return options_.broker_pid == 0 ? std::nullopt : std::optional(ProcessUsage::of(options_.broker_pid));
    } catch (const std::exception&) {
        return std::nullopt; // it died meanwhile, which a connection says better
    }
}

void Report::interval(const Sample& total) {
    const Figures& now = intervals_.emplace_back(total.since(last_), total.time_s - first_.time_s);
    const std::string line = line_of(now, options_);
    if (terminal_) {
        fmt::print("\r\033[K{}", line.substr(0, terminal_columns()));
    } else {
        std::puts(line.c_str());
    }
    std::fflush(stdout);
    last_ = total;
}

void Report::finish(const Sample& total, const std::string& failure) {
    Summary summary{total.since(first_), intervals_, broker_usage(), failure};
    if (summary.broker) {
        summary.broker->cpu_s -= broker_at_start_.cpu_s;
    }
    if (terminal_) {
        std::fputs("\r\033[K", stdout);
    }
    print_summary(summary);
    std::fflush(stdout);
    write_files(summary, options_);
}

void Report::print_summary(const Summary& summary) const {
    const Figures average(summary.total, summary.total.time_s);
    const bool churn = options_.churn != Churn::none;
    if (churn) {
        fmt::print("cycle rate avg: {:.0f}/s\ncycle latency min/median/75th/95th/99th {}\n", average.cycles,
                   text_of(average.cycle_latency));
    } else {
        fmt::print("sending rate avg: {:.0f} msg/s\nreceiving rate avg: {:.0f} msg/s\n", average.published,
                   average.consumed);
    }
    if (options_.confirm && !churn) {
        fmt::print("confirm rate avg: {:.0f} msg/s, {} nacked\nconfirm latency min/median/75th/95th/99th {}\n",
                   average.confirmed, summary.total.nacked, text_of(average.confirm_latency));
    }
    if (average.consumer_latency.count > 0) {
        fmt::print("consumer latency min/median/75th/95th/99th {}\n", text_of(average.consumer_latency));
    }
    if (!summary.broker) {
        return;
    }
    const double cpu_s = summary.broker->cpu_s;
    const std::string each =
        churn ? fmt::format("{:.3f} us per cycle", per_one_us(cpu_s, summary.total.cycles))
              : fmt::format("{:.3f} us per message sent, {:.3f} us per message received",
                            per_one_us(cpu_s, summary.total.published), per_one_us(cpu_s, summary.total.consumed));
    fmt::print("broker CPU: {}, {:.0f} % of a core; peak RSS {:.1f} MiB\n", each, 100 * cpu_s / summary.total.time_s,
               static_cast<double>(summary.broker->peak_rss_kib) / 1024);
}

} // namespace bench
