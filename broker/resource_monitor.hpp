// Looks at memory and disk, raises and clears the two alarms [L1], and has queues page out before the first of them.
// Owned by the Broker; has a thread of its own, so that nothing it reads is read on a path that messages take. What it
// reads, and whom it tells, is given to it: tests call check() and need neither time nor pressure. It blocks nobody:
// connections do, when they are told. Between two looks they read no more than it has allowed (ReadAllowance).
#pragma once

#include "broker/core/alarms.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <string>
#include <thread>

namespace broker {

struct ResourceProbes {
    std::function<std::uint64_t()> used_memory;
    std::function<std::uint64_t()> free_disk;  // of the data directory
    std::function<std::uint64_t()> store_room; // what the store may still write there
    std::function<void()> release_memory;      // gives the system back what is kept for reuse
    // So much may be read from sockets until the next look.
    std::function<void(std::uint64_t)> allow_reads = [](std::uint64_t) {};
};

struct ResourceLimits {
    std::uint64_t memory = 0;                                         // more is an alarm; 0: always
    std::uint64_t paging = std::numeric_limits<std::uint64_t>::max(); // of memory; more, and queues page out
    std::uint64_t disk = 0;                                           // less is an alarm
    std::uint64_t store_room = 0; // so is less of this: the store shall never have to refuse a message
    std::chrono::milliseconds interval{1000};

    bool operator==(const ResourceLimits&) const = default;
};

class ResourceMonitor {
 public:
    // `on_change` is called on the monitor's thread, or on that of who calls set_limits() or check().
    ResourceMonitor(std::string node_name, ResourceProbes probes, ResourceLimits limits,
                    std::function<void(Alarms)> on_change);
    ~ResourceMonitor() { stop(); }

    void start(); // looks once before it returns
    void stop();
    void set_limits(ResourceLimits limits); // any thread; looks before it returns
    void look_soon();                       // any thread; on the monitor's, at once

    ResourceLimits limits() const; // any thread
    Alarms alarms() const;         // any thread

    // Looks now; returns when to look again: the sooner, the nearer a limit is.
    std::chrono::milliseconds check();

 private:
    struct Readings {
        std::uint64_t used_memory = 0;
        std::uint64_t free_disk = 0;
        std::uint64_t store_room = 0;
    };

    Readings read(const ResourceLimits& limits);
    void log(const Alarms& before, const Alarms& now, const Readings& readings, const ResourceLimits& limits) const;
    std::uint64_t distance(const Readings& readings, const ResourceLimits& limits, bool paging) const;
    void run();
    bool wait(std::chrono::milliseconds interval);

    const std::string node_name_;
    const ResourceProbes probes_;
    const std::function<void(Alarms)> on_change_;

    std::mutex checking_;            // one look at a time
    std::uint64_t least_memory_ = 0; // used at some time since memory was last given back
    mutable std::mutex mutex_;       // of what follows
    std::condition_variable wake_;
    ResourceLimits limits_;
    Alarms alarms_;
    bool stopping_ = false;
    bool look_now_ = false;
    std::thread thread_;
};

} // namespace broker
