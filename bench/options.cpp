#include "bench/options.hpp"

#include <stdexcept>

namespace bench {
namespace {

constexpr std::size_t max_size = 512u << 20;
constexpr unsigned max_agents = 100'000;
constexpr unsigned max_channels = 65'535;
constexpr unsigned max_names = 1'000'000;

void require(bool holds, const char* otherwise) {
    if (!holds) {
        throw std::runtime_error(otherwise);
    }
}

bool sizes_fit(const Schedule& sizes) {
    for (std::size_t step = 0; step < sizes.steps(); ++step) {
        if (sizes.value_of(step) > static_cast<double>(max_size)) {
            return false;
        }
    }
    return true;
}

bool fits(const Pattern& pattern) {
    return pattern.from <= pattern.to && pattern.to - pattern.from < max_names;
}

void check_load(const Options& options) {
    require(options.producers + options.consumers > 0, "nothing to do: no producers and no consumers");
    require(options.producers <= max_agents && options.consumers <= max_agents, "-x, -y: at most 100000");
    require(options.producer_channels > 0 && options.producer_channels <= max_channels, "-X: from 1 to 65535");
    require(options.consumer_channels > 0 && options.consumer_channels <= max_channels, "-Y: from 1 to 65535");
    require(options.threads > 0 && options.threads <= 64, "--threads: from 1 to 64");
    require(options.size <= max_size && sizes_fit(options.sizes), "-s, -vs: at most 512 MiB");
    require(!options.confirm || (*options.confirm > 0 && *options.confirm <= 1'000'000), "-c: from 1 to 1000000");
    require(!options.confirm || options.producer_tx == 0, "-c and -m exclude each other");
    require(options.churn != Churn::channels || options.confirm.value_or(1) <= 1000,
            "--churn channels: at most 1000 at once [-c]");
    require(options.interval_s > 0, "-i: more than 0 seconds");
    require(!options.rate.never_due() && !options.consumer_rate.never_due(), "-r, -R, -vr: a rate of more than 0");
}

} // namespace

std::vector<std::string> Pattern::names() const {
    std::vector<std::string> names;
    if (text.empty()) {
        return names;
    }
    const std::size_t place = text.find("%d");
    for (unsigned i = from; i <= to; ++i) {
        std::string name = text;
        names.push_back(place == std::string::npos ? name + std::to_string(i)
                                                   : name.replace(place, 2, std::to_string(i)));
    }
    return names;
}

std::vector<std::string> Options::queues() const {
    if (queue_pattern.text.empty()) {
        return queue.empty() ? std::vector<std::string>{} : std::vector{queue};
    }
    return queue_pattern.names();
}

void check(const Options& options) {
    check_load(options);
    require(fits(options.queue_pattern), "-qpt must not be less than -qpf, or a million more");
    require(fits(options.key_pattern), "-kpt must not be less than -kpf, or a million more");
    const bool nowhere = options.exchange.empty() && options.queues().empty() && options.routing_key.empty() &&
                         options.key_pattern.text.empty();
    require(!nowhere || options.churn != Churn::none, "the default exchange needs a queue: -u or -qp");
    require(!options.polling || !options.queues().empty(), "polling needs a queue: -u or -qp");
}

} // namespace bench
