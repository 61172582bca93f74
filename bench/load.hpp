// One run: declares what is needed, connects everybody, lets the workers run and reports. Lives in main.
#pragma once

#include "bench/options.hpp"
#include "bench/worker.hpp"

#include <memory>
#include <string>
#include <vector>

namespace bench {

class Load {
 public:
    explicit Load(const Options& options);

    void run(); // throws std::runtime_error with one line: nothing to connect to, refused, or the broker died

    static void interrupt(); // as when the time is up; may be called by a signal handler

 private:
    void declare_common();
    std::string declare_queue(Connection& connection, const std::string& name);
    void add_consumers();
    void add_producers();
    void report_until_end();
    bool everything_done() const;
    void rethrow_failure() const;
    std::vector<const Counters*> counters() const;

    const Options options_;
    const std::string routing_key_; // of all; empty: that of each queue is its name
    std::vector<std::unique_ptr<Worker>> workers_;
    std::unique_ptr<Connection> control_; // keeps queues declared that have no consumer yet
};

} // namespace bench
