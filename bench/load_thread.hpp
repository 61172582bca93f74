// A thread that makes load, turn by turn, until it is told to stop, has done everything, or something fails.
#pragma once

#include "bench/counters.hpp"

#include <atomic>
#include <string>
#include <thread>

namespace bench {

class LoadThread {
 public:
    LoadThread() = default;
    virtual ~LoadThread() = default; // a derived one has stopped
    LoadThread(const LoadThread&) = delete;
    LoadThread& operator=(const LoadThread&) = delete;

    Counters& counters() { return counters_; }
    void start();
    void stop();

    bool ended() const { return ended_.load(std::memory_order_acquire); } // has done everything, or has failed
    const std::string& error() const { return error_; }                   // empty: none; once it has ended or stopped

 protected:
    virtual void begin() {}
    virtual bool turn() = 0; // false: everything is done

 private:
    void run();

    Counters counters_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> ended_{false};
    std::string error_;
    std::thread thread_;
};

} // namespace bench
