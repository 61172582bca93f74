#include "broker/resource_monitor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace broker {
namespace {

using namespace std::chrono_literals;

// What a fast network or disk brings in a millisecond; nobody shall get past a limit between two looks.
constexpr std::uint64_t bytes_per_ms = 1u << 20;
constexpr auto shortest_interval = 10ms;

std::uint64_t difference(std::uint64_t larger, std::uint64_t smaller) {
    return larger - std::min(larger, smaller);
}

// RabbitMQ's words, on one line each.
void log_alarm(bool set, const char* resource, const std::string& node) {
    if (set) {
        spdlog::warn("{} resource limit alarm set on node {}. Publishers will be blocked until this alarm clears",
                     resource, node);
    } else {
        spdlog::warn("{} resource limit alarm cleared on node {}", resource, node);
    }
}

} // namespace

ResourceMonitor::ResourceMonitor(std::string node_name, ResourceProbes probes, ResourceLimits limits,
                                 std::function<void(Alarms)> on_change)
    : node_name_(std::move(node_name)),
      probes_(std::move(probes)),
      on_change_(std::move(on_change)),
      limits_(limits) {}

void ResourceMonitor::start() {
    check();
    thread_ = std::thread([this] { run(); });
}

void ResourceMonitor::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void ResourceMonitor::set_limits(ResourceLimits limits) {
    {
        const std::lock_guard lock(mutex_);
        limits_ = limits;
    }
    check();
}

ResourceLimits ResourceMonitor::limits() const {
    const std::lock_guard lock(mutex_);
    return limits_;
}

Alarms ResourceMonitor::alarms() const {
    const std::lock_guard lock(mutex_);
    return alarms_;
}

void ResourceMonitor::run() {
    for (;;) {
        const auto interval = check();
        std::unique_lock lock(mutex_);
        if (stop_.wait_for(lock, interval, [this] { return stopping_; })) {
            return;
        }
    }
}

ResourceMonitor::Readings ResourceMonitor::read(const ResourceLimits& limits) const {
    Readings readings{probes_.used_memory(), probes_.free_disk(), probes_.store_room()};
    if (readings.used_memory > limits.memory) {
        probes_.release_memory(); // only what is really used shall block publishers, and keep them blocked
        readings.used_memory = probes_.used_memory();
    }
    return readings;
}

std::chrono::milliseconds ResourceMonitor::check() {
    const std::lock_guard one_at_a_time(checking_);
    const ResourceLimits limits = this->limits();
    const Readings readings = read(limits);
    const Alarms now{readings.used_memory > limits.memory,
                     readings.free_disk < limits.disk ||
                         readings.store_room<limits.store_room, readings.used_memory> limits.paging};
    Alarms before;
    {
        const std::lock_guard lock(mutex_);
        before = std::exchange(alarms_, now);
    }
    if (now != before) {
        log(before, now, readings, limits);
        on_change_(now);
    }
    if (now.any()) { // it may take its time to clear: giving memory back, which is tried each time, costs something
        return limits.interval;
    }
    // An octet that is written takes its place in the log and, sooner or later, in a table.
    const std::uint64_t memory_limit = now.paging ? limits.memory : std::min(limits.memory, limits.paging);
    const std::uint64_t distance =
        std::min({difference(memory_limit, readings.used_memory), difference(readings.free_disk, limits.disk) / 2,
                  difference(readings.store_room, limits.store_room) / 2});
    const std::uint64_t soonest = distance / bytes_per_ms;
    return soonest >= static_cast<std::uint64_t>(limits.interval.count())
               ? limits.interval
               : std::max<std::chrono::milliseconds>(std::chrono::milliseconds(soonest), shortest_interval);
}

void ResourceMonitor::log(const Alarms& before, const Alarms& now, const Readings& readings,
                          const ResourceLimits& limits) const {
    if (now.memory != before.memory) {
        spdlog::info("vm_memory_high_watermark {}. Memory used:{} allowed:{}", now.memory ? "set" : "clear",
                     readings.used_memory, limits.memory);
        log_alarm(now.memory, "memory", node_name_);
    }
    if (now.paging != before.paging) {
        spdlog::info("Memory used:{}, paging from:{}. Queues {}", readings.used_memory, limits.paging,
                     now.paging ? "leave messages on disk" : "keep messages in memory again");
    }
    if (now.disk != before.disk) {
        spdlog::info("Free disk space is {}. Free bytes: {}. Limit: {}", now.disk ? "insufficient" : "sufficient",
                     readings.free_disk, limits.disk);
        if (now.disk && readings.free_disk >= limits.disk) {
            spdlog::info("the store may write {} bytes more, and needs {} in reserve", readings.store_room,
                         limits.store_room);
        }
        log_alarm(now.disk, "disk", node_name_);
    }
}

} // namespace broker
