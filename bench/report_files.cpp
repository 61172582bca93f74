#include "bench/report_files.hpp"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

namespace bench {
namespace {

std::string json_text(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

std::string json_of(const Latency& latency) {
    std::string text = fmt::format("{{\"count\": {}", latency.count);
    for (std::size_t i = 0; i < latency.us.size(); ++i) {
        text += fmt::format(", \"{}_us\": {}", Latency::names[i], latency.us[i]);
    }
    return text + "}";
}

double per_one_us(double cpu_s, std::uint64_t count) {
    return count == 0 ? 0 : cpu_s * 1e6 / static_cast<double>(count);
}

std::string rates_json(const Figures& figures) {
    return fmt::format(R"("published_per_s": {:.1f}, "confirmed_per_s": {:.1f}, "consumed_per_s": {:.1f}, )"
                       R"("cycles_per_s": {:.1f})",
                       figures.published, figures.confirmed, figures.consumed, figures.cycles);
}

std::string broker_json(const Sample& total, const ProcessUsage& used) {
    return fmt::format("  \"broker_cpu_s\": {:.2f},\n  \"broker_cpu_us_per_published\": {:.4f},\n"
                       "  \"broker_cpu_us_per_consumed\": {:.4f},\n  \"broker_cpu_us_per_cycle\": {:.4f},\n"
                       "  \"broker_peak_rss_kib\": {},\n",
                       used.cpu_s, per_one_us(used.cpu_s, total.published), per_one_us(used.cpu_s, total.consumed),
                       per_one_us(used.cpu_s, total.cycles), used.peak_rss_kib);
}

std::string json_report(const Summary& summary, const Options& options) {
    const Sample& total = summary.total;
    const Figures average(total, total.time_s);
    std::string text = fmt::format("{{\n  \"id\": {},\n  \"time_s\": {:.3f},\n  \"producers\": {},\n"
                                   "  \"consumers\": {},\n  \"size\": {},\n  \"failure\": {},\n",
                                   json_text(options.id), total.time_s, options.producers, options.consumers,
                                   options.size, summary.failure.empty() ? "null" : json_text(summary.failure));
    text += fmt::format("  \"published\": {},\n  \"confirmed\": {},\n  \"nacked\": {},\n  \"returned\": {},\n"
                        "  \"consumed\": {},\n  \"cycles\": {},\n  {},\n",
                        total.published, total.confirmed, total.nacked, total.returned, total.consumed, total.cycles,
                        rates_json(average));
    if (summary.broker) {
        text += broker_json(total, *summary.broker);
    }
    text += fmt::format("  \"confirm_latency\": {},\n  \"consumer_latency\": {},\n  \"cycle_latency\": {},\n"
                        "  \"intervals\": [",
                        json_of(average.confirm_latency), json_of(average.consumer_latency),
                        json_of(average.cycle_latency));
    const char* separator = "\n    ";
    for (const Figures& one : summary.intervals) {
        text += fmt::format("{}{{\"time_s\": {:.3f}, {}, \"confirm_latency\": {}, \"consumer_latency\": {}}}",
                            std::exchange(separator, ",\n    "), one.time_s, rates_json(one),
                            json_of(one.confirm_latency), json_of(one.consumer_latency));
    }
    return text + "]\n}\n";
}

std::string csv_columns(const Latency& latency) {
    std::string text;
    for (const double us : latency.us) {
        text += fmt::format(",{:.1f}", us);
    }
    return text;
}

std::string csv_report(const Summary& summary) {
    std::string text = "time_s,published_per_s,confirmed_per_s,nacked_per_s,returned_per_s,consumed_per_s,cycles_per_s";
    for (const char* kind : {"confirm", "consumer", "cycle"}) {
        for (const char* name : Latency::names) {
            text += fmt::format(",{}_{}_us", kind, name);
        }
    }
    text += '\n';
    for (const Figures& one : summary.intervals) {
        text += fmt::format("{:.3f},{:.1f},{:.1f},{:.1f},{:.1f},{:.1f},{:.1f}{}{}{}\n", one.time_s, one.published,
                            one.confirmed, one.nacked, one.returned, one.consumed, one.cycles,
                            csv_columns(one.confirm_latency), csv_columns(one.consumer_latency),
                            csv_columns(one.cycle_latency));
    }
    return text;
}

void write_file(const char* flag, const std::string& path, const std::string& text) {
    std::ofstream file(path);
    if (!(file << text << std::flush)) {
        throw std::runtime_error(fmt::format("{}: cannot write {}", flag, path));
    }
}

} // namespace

void write_files(const Summary& summary, const Options& options) {
    if (!options.json.empty()) {
        write_file("--json", options.json, json_report(summary, options));
    }
    if (!options.csv.empty()) {
        write_file("--csv", options.csv, csv_report(summary));
    }
    if (!options.html.empty()) {
        write_file("--html", options.html, html_report(summary, options));
    }
}

} // namespace bench
