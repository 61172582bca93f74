// A thread that drives its agents through one epoll. It owns them; they are handed over before start().
#pragma once

#include "bench/agent.hpp"
#include "bench/counters.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace bench {

class Worker {
 public:
    Worker();
    ~Worker(); // stops
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    Counters& counters() { return counters_; }
    void add(std::unique_ptr<Agent> agent);
    void start();
    void stop();

    bool ended() const { return ended_.load(std::memory_order_acquire); } // all agents have finished, or one has failed
    const std::string& error() const { return error_; }                   // empty: none; once it has ended or stopped

 private:
    void run();
    void turn();
    void wait(std::uint64_t until, std::uint64_t now);

    int epoll_;
    Counters counters_;
    std::vector<std::unique_ptr<Agent>> agents_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> ended_{false};
    std::string error_;
    std::thread thread_;
};

} // namespace bench
