#include "broker/admin/metrics_page.hpp"

#include "broker/admin/text.hpp"

namespace broker {
namespace {

std::string_view name(MetricType type) {
    switch (type) {
    case MetricType::gauge:
        return "gauge";
    case MetricType::counter:
        return "counter";
    case MetricType::histogram:
        break;
    }
    return "histogram";
}

} // namespace

std::string metric_label(std::string_view name, std::string_view value) {
    std::string label(name);
    label += "=\"";
    for (const char character : json_text(value)) { // UTF-8, whatever it was
        if (character == '\n') {
            label += "\\n";
            continue;
        }
        if (character == '"' || character == '\\') {
            label += '\\';
        }
        label += character;
    }
    return label += '"';
}

void MetricsPage::append_head(std::string& text, std::string_view name, MetricType type, std::string_view help) const {
    text.append("# TYPE ").append(prefix_).append(name).append(" ").append(broker::name(type));
    text.append("\n# HELP ").append(prefix_).append(name).append(" ").append(help).append("\n");
}

void MetricsPage::append_sample(std::string& text, std::string_view name, std::string_view labels, std::uint64_t value,
                                std::string_view more_labels) const {
    text.append(prefix_).append(name);
    if (!labels.empty()) {
        text.append("{").append(labels).append(more_labels).append("}");
    }
    text.append(" ").append(std::to_string(value)).append("\n");
}

void MetricsPage::put(std::string_view name, MetricType type, std::string_view help, std::uint64_t value,
                      std::string_view labels) {
    append_head(text_, name, type, help);
    append_sample(text_, name, labels, value);
}

void MetricsPage::put_also(std::string_view name, std::uint64_t value, std::string_view labels) {
    append_sample(text_, name, labels, value);
}

void MetricsPage::put_histogram(std::string_view name, std::string_view help, std::span<const std::uint64_t> bounds,
                                std::span<const std::uint64_t> counts, std::uint64_t sum, std::string_view labels) {
    append_head(text_, name, MetricType::histogram, help);
    std::uint64_t up_to_here = 0; // each bucket holds those before it, too
    for (std::size_t i = 0; i < counts.size(); ++i) {
        up_to_here += counts[i];
        const std::string bound = i < bounds.size() ? std::to_string(bounds[i]) : "+Inf";
        append_sample(text_, std::string(name) + "_bucket", labels, up_to_here, ",le=\"" + bound + '"');
    }
    append_sample(text_, std::string(name) + "_count", labels, up_to_here);
    append_sample(text_, std::string(name) + "_sum", labels, sum);
}

bool MetricsPage::next(std::string& text) {
    if (!text_.empty()) {
        text = std::move(text_);
        text_.clear();
        return true;
    }
    text.clear();
    while (!parts_.empty() && text.size() < part_size) {
        if (!parts_.front()(text)) {
            parts_.pop_front();
        }
    }
    return !text.empty();
}

} // namespace broker
