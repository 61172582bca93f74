#include "broker/admin/metrics_page.hpp"

#include "broker/admin/text.hpp"

namespace broker {

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
    for (const std::string_view piece : {std::string_view("# TYPE "), std::string_view(prefix_), name,
                                         type == MetricType::gauge ? std::string_view(" gauge\n") : " counter\n",
                                         std::string_view("# HELP "), std::string_view(prefix_), name,
                                         std::string_view(" "), help, std::string_view("\n")}) {
        text += piece;
    }
}

void MetricsPage::append_sample(std::string& text, std::string_view name, std::string_view labels,
                                std::uint64_t value) const {
    text.append(prefix_).append(name);
    if (!labels.empty()) {
        text.append("{").append(labels).append("}");
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
