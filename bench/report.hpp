// What the load threads have counted, as lines of text and as JSON. Used by the main thread.
#pragma once

#include "bench/counters.hpp"
#include "bench/options.hpp"
#include "bench/process_usage.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct Sample {
    double time_s = 0; // since the start
    std::uint64_t published = 0, confirmed = 0, nacked = 0, returned = 0, consumed = 0;
    Histogram::Snapshot consumer_latency, confirm_latency;

    static Sample of(const std::vector<const Counters*>& counters, double time_s);
    Sample since(const Sample& earlier) const;
};

class Report {
 public:
    explicit Report(const Options& options);

    void interval(const Sample& total); // one line
    void finish(const Sample& total);   // the summary; throws std::runtime_error when the JSON file cannot be written

 private:
    std::string broker_line(const Sample& total, const ProcessUsage& used) const;
    std::string json(const Sample& total, const std::optional<ProcessUsage>& used) const;

    const Options& options_;
    Sample last_;
    ProcessUsage broker_at_start_;
};

} // namespace bench
