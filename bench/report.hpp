// What the load threads have counted: lines of text while it goes on (on a terminal one that is written over), a
// summary and files at the end. Used by the main thread.
#pragma once

#include "bench/options.hpp"
#include "bench/process_usage.hpp"
#include "bench/sample.hpp"

#include <optional>
#include <string>
#include <vector>

namespace bench {

// All that there is to say at the end of a run.
struct Summary {
    Sample total;
    std::vector<Figures> intervals;
    std::optional<ProcessUsage> broker; // its CPU time during the run; absent when nobody asked or it has gone
    std::string failure;                // empty: none
};

class Report {
 public:
    explicit Report(const Options& options); // throws std::runtime_error when there is no process --broker-pid

    void begin(const Sample& total);    // what was before is not counted
    void interval(const Sample& total); // one line
    // The summary; throws std::runtime_error when a file cannot be written.
    void finish(const Sample& total, const std::string& failure);

 private:
    void print_summary(const Summary& summary) const;
    std::optional<ProcessUsage> broker_usage() const;

    const Options& options_;
    const bool terminal_;
    Sample first_;
    Sample last_;
    std::vector<Figures> intervals_;
    ProcessUsage broker_at_start_;
};

} // namespace bench
