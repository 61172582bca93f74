// One run: declares what is needed, connects everybody, lets the threads run and reports. Lives in main.
#pragma once

#include "bench/options.hpp"
#include "bench/sample.hpp"
#include "bench/worker.hpp"

#include <memory>
#include <string>
#include <vector>

namespace bench {

class Report;

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
    void add_churners();
    std::unique_ptr<Link> connect(unsigned number, unsigned channels);
    std::vector<std::string> keys_of(std::size_t producer) const;
    Worker& worker(std::size_t number);
    void report_until_end();
    void wait_until_end(Report& report, std::uint64_t start);
    Sample sample(std::uint64_t start) const;
    bool everything_done() const;
    void rethrow_failure() const;

    const Options options_;
    const std::vector<std::string> queues_;
    const std::string routing_key_; // of all; empty: that of each queue is its name
    std::vector<std::unique_ptr<LoadThread>> threads_;
    std::unique_ptr<Connection> control_; // keeps queues declared that have no consumer yet
};

} // namespace bench
