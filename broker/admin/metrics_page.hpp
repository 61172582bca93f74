// A page of metrics in Prometheus's text format 0.0.4, given out in parts: however many objects it tells of, no more
// than one part of its text is in memory. Each family stands together, as the format wants it. One request's, on the
// HTTP thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

enum class MetricType : std::uint8_t { gauge, counter, histogram };

// One number of every object of a kind. `family` is what /metrics/detailed?family=... calls it.
template <class Object>
struct Metric {
    std::string_view family, name, help;
    MetricType type;
    std::uint64_t (*value)(const Object&);
    std::string_view (*more_labels)(const Object&) = nullptr; // behind those of the object
};

// Objects have `labels`: what stands between the braces.
template <class Object>
using MetricObjects = std::shared_ptr<const std::vector<Object>>;

std::string metric_label(std::string_view name, std::string_view value); // name="value", escaped

class MetricsPage {
 public:
    explicit MetricsPage(std::string prefix) : prefix_(std::move(prefix)) {} // "rabbitmq_"

    void put(std::string_view name, MetricType type, std::string_view help, std::uint64_t value,
             std::string_view labels = {});
    // Another sample of the family that was put last.
    void put_also(std::string_view name, std::uint64_t value, std::string_view labels);
    // How many were at most as large as each bound, and larger than the one before; one count more than there are
    // bounds.
    void put_histogram(std::string_view name, std::string_view help, std::span<const std::uint64_t> bounds,
                       std::span<const std::uint64_t> counts, std::uint64_t sum, std::string_view labels);

    // One family of all the objects.
    template <class Object>
    void put_each(const Metric<Object>& metric, MetricObjects<Object> objects) {
        std::size_t next = 0;
        parts_.push_back([this, metric, objects = std::move(objects), next](std::string& text) mutable {
            if (next == 0) {
                append_head(text, metric.name, metric.type, metric.help);
            }
            for (; next < objects->size() && text.size() < part_size; ++next) {
                const Object& object = (*objects)[next];
                append_sample(text, metric.name, object.labels, metric.value(object),
                              metric.more_labels == nullptr ? std::string_view() : metric.more_labels(object));
            }
            return next < objects->size();
        });
    }

    bool next(std::string& text); // the next part; false: there was none any more

    static constexpr std::size_t part_size = 64 << 10;

 private:
    using Part = std::function<bool(std::string&)>; // appends; false: that was all of it

    void append_head(std::string& text, std::string_view name, MetricType type, std::string_view help) const;
    void append_sample(std::string& text, std::string_view name, std::string_view labels, std::uint64_t value,
                       std::string_view more_labels = {}) const;

    const std::string prefix_;
    std::string text_; // of single samples, which come first
    std::deque<Part> parts_;
};

} // namespace broker
