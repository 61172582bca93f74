// The report for people: one page without scripts, its plots drawn as SVG.
#include "bench/report_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace bench {
namespace {

constexpr double width = 860, height = 260, left = 80, top = 16, right = 160, bottom = 32;
constexpr const char* colours[] = {"#1668b8", "#c2491d", "#3b8132", "#7a3fa0", "#8a6d00", "#444444"};
constexpr const char* style =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:56em;margin:2em auto;padding:0 1em;color:#222;background:#fff}"
    "td,th{padding:.15em 1em .15em 0;text-align:right}th:first-child,td:first-child{text-align:left}"
    "svg text{font:12px system-ui,sans-serif;fill:#444}.failure{color:#a00;font-weight:600}";

struct Curve {
    std::string name;
    std::vector<double> values;
};

std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        safe += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
    }
    return safe;
}

std::string number(double value) {
    return value >= 1e6   ? fmt::format("{:.3g} M", value / 1e6)
           : value >= 1e4 ? fmt::format("{:.3g} k", value / 1e3)
                          : fmt::format("{:.4g}", value);
}

class Plot {
 public:
    Plot(std::string title, std::vector<double> times, std::vector<Curve> curves)
        : title_(std::move(title)),
          times_(std::move(times)),
          curves_(std::move(curves)) {
        for (const Curve& curve : curves_) {
            highest_ = std::max(highest_, *std::max_element(curve.values.begin(), curve.values.end()));
        }
    }

    std::string svg() const {
        std::string text = fmt::format("<h2>{}</h2>\n<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n",
                                       title_, width, height, title_);
        for (int i = 0; i <= 4; ++i) {
            const double value = highest_ * i / 4;
            text += fmt::format("<path d=\"M{} {:.1f}H{}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1f}\" "
                                "text-anchor=\"end\">{}</text>\n",
                                left, y(value), width - right, left - 8, y(value) + 4, number(value));
            const double time = times_.back() * i / 4;
            text += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.3g} s</text>\n", x(time),
                                height - 10, time);
        }
        for (std::size_t i = 0; i < curves_.size(); ++i) {
            text += curve(i);
        }
        return text + "</svg>\n";
    }

 private:
    std::string curve(std::size_t index) const {
        const char* colour = colours[index % std::size(colours)];
        std::string path;
        for (std::size_t i = 0; i < times_.size(); ++i) {
            path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? 'M' : 'L', x(times_[i]), y(curves_[index].values[i]));
        }
        return fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>"
                           "<text x=\"{}\" y=\"{}\" style=\"fill:{}\">{}</text>\n",
                           path, colour, width - right + 12, top + 12 + 18 * static_cast<double>(index), colour,
                           curves_[index].name);
    }
    double x(double time) const { return left + (width - left - right) * time / times_.back(); }
    double y(double value) const { return height - bottom - (height - top - bottom) * value / highest_; }

    std::string title_;
    std::vector<double> times_;
    std::vector<Curve> curves_;
    double highest_ = 1;
};

template <class Value>
std::vector<double> values(const Summary& summary, Value value) {
    std::vector<double> all;
    std::transform(summary.intervals.begin(), summary.intervals.end(), std::back_inserter(all), value);
    return all;
}

std::string rate_plot(const Summary& summary, const Options& options) {
    std::vector<Curve> curves;
    const auto add = [&](bool wanted, const char* name, double Figures::*member) {
        if (wanted) {
            curves.push_back({name, values(summary, [=](const Figures& one) { return one.*member; })});
        }
    };
    const bool messages = options.churn == Churn::none;
    add(messages && options.producers > 0, "published", &Figures::published);
    add(messages && options.confirm.has_value(), "confirmed", &Figures::confirmed);
    add(messages && options.consumers > 0, "received", &Figures::consumed);
    add(!messages, "cycles", &Figures::cycles);
    return Plot("A second", values(summary, [](const Figures& one) { return one.time_s; }), curves).svg();
}

std::string latency_plot(const Summary& summary, const char* title, Latency Figures::*member) {
    std::vector<Curve> curves;
    for (const std::size_t i : {std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{6}}) {
        curves.push_back({Latency::names[i], values(summary, [=](const Figures& one) { return (one.*member).us[i]; })});
    }
    return Plot(title, values(summary, [](const Figures& one) { return one.time_s; }), curves).svg();
}

std::string latency_row(const char* name, const Latency& latency) {
    if (latency.count == 0) {
        return "";
    }
    std::string row = fmt::format("<tr><td>{}</td>", name);
    for (const double us : latency.us) {
        row += fmt::format("<td>{}</td>", number(us));
    }
    return row + "</tr>\n";
}

std::string tables(const Summary& summary) {
    const Figures average(summary.total, summary.total.time_s);
    std::string text = fmt::format(
        "<table><tr><th></th><th>count</th><th>a second</th></tr>\n"
        "<tr><td>published</td><td>{}</td><td>{}</td></tr>\n<tr><td>confirmed</td><td>{}</td><td>{}</td></tr>\n"
        "<tr><td>received</td><td>{}</td><td>{}</td></tr>\n<tr><td>cycles</td><td>{}</td><td>{}</td></tr></table>\n",
        summary.total.published, number(average.published), summary.total.confirmed, number(average.confirmed),
        summary.total.consumed, number(average.consumed), summary.total.cycles, number(average.cycles));
    text += "<h2>Latency in microseconds</h2>\n<table><tr><th></th>";
    for (const char* name : Latency::names) {
        text += fmt::format("<th>{}</th>", name);
    }
    text += "</tr>\n" + latency_row("confirm", average.confirm_latency) +
            latency_row("to the consumer", average.consumer_latency) + latency_row("cycle", average.cycle_latency);
    return text + "</table>\n";
}

} // namespace

std::string html_report(const Summary& summary, const Options& options) {
    const std::string title = "leveret-perf " + escaped(options.id);
    std::string text = fmt::format("<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title>\n"
                                   "<style>{1}</style>\n<h1>{0}</h1>\n",
                                   title, style);
    if (!summary.failure.empty()) {
        text += fmt::format("<p class=\"failure\">{}</p>\n", escaped(summary.failure));
    }
    text += fmt::format("<p>{} producers, {} consumers, {} octets, {:.1f} s", options.producers, options.consumers,
                        options.size, summary.total.time_s);
    if (summary.broker) {
        text += fmt::format("; the broker used {:.2f} s of CPU time and at most {:.1f} MiB", summary.broker->cpu_s,
                            static_cast<double>(summary.broker->peak_rss_kib) / 1024);
    }
    text += ".</p>\n" + tables(summary);
    if (!summary.intervals.empty()) {
        text += rate_plot(summary, options);
        const bool churn = options.churn != Churn::none;
        text += churn ? latency_plot(summary, "Cycle latency, us", &Figures::cycle_latency)
                      : latency_plot(summary, "Latency to the consumer, us", &Figures::consumer_latency);
        text +=
            options.confirm && !churn ? latency_plot(summary, "Confirm latency, us", &Figures::confirm_latency) : "";
    }
    return text + "</html>\n";
}

} // namespace bench
