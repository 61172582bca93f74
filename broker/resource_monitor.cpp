#include "broker/resource_monitor.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace broker {
namespace {

using namespace std::chrono_literals;

// What a fast network or disk brings in a millisecond; nobody shall get past a limit between two looks.
constexpr std::uint64_t bytes_per_ms = 1u << 20;
constexpr auto shortest_interval = 10ms;
// An octet that is read takes so many of memory when messages are small, with what is copied on its way to the disk.
constexpr std::uint64_t memory_per_octet = 8;
// Of the limit: so much may be read when it is all but reached, or there would be more looking than reading.
constexpr std::uint64_t least_share = 128;
// How often freed memory is given back while it is short; of the time, at most a tenth.
constexpr auto release_interval = 50ms;
constexpr int release_share = 10;

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
    wake_.notify_one();
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

void ResourceMonitor::look_soon() {
    {
        const std::lock_guard lock(mutex_);
        look_now_ = true;
    }
    wake_.notify_one();
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
    pthread_setname_np(pthread_self(), "resources"); // what top and perf show
    while (wait(check())) {
    }
}

// Until it is time for the next look; false: for none. While memory is short, what others free is given back meanwhile:
// each thread has an arena of its own, and what the disk has taken from one would be asked for again in another.
bool ResourceMonitor::wait(std::chrono::milliseconds interval) {
    const auto now = [] { return std::chrono::steady_clock::now(); };
    const auto end = now() + interval;
    auto release = now() + release_interval;
    std::unique_lock lock(mutex_);
    const auto woken = [this] { return stopping_ || look_now_; };
    while (!wake_.wait_until(lock, alarms_.memory ? std::min(end, release) : end, woken) && now() < end) {
        lock.unlock();
        const auto before = now();
        probes_.release_memory();
        release = now() + std::max<std::chrono::nanoseconds>(release_interval, release_share * (now() - before));
        lock.lock();
    }
    look_now_ = false;
    return !stopping_;
}

ResourceMonitor::Readings ResourceMonitor::read(const ResourceLimits& limits) {
    Readings readings{probes_.used_memory(), probes_.free_disk(), probes_.store_room()};
    // Only what is really used shall block publishers, and keep them blocked. In good time: an alarm waits for nothing.
    const bool near = readings.used_memory > limits.memory - limits.memory / 8;
    const bool grown = difference(readings.used_memory, least_memory_) > limits.memory / 16;
    if (near && (grown || alarms_.memory)) {
        probes_.release_memory();
        readings.used_memory = least_memory_ = probes_.used_memory();
    }
    least_memory_ = std::min(least_memory_, readings.used_memory);
    return readings;
}

std::chrono::milliseconds ResourceMonitor::check() {
    const std::lock_guard one_at_a_time(checking_);
    const ResourceLimits limits = this->limits();
    const Readings readings = read(limits);
    const bool no_room = readings.free_disk < limits.disk || readings.store_room < limits.store_room;
    const Alarms now{readings.used_memory > limits.memory, no_room, readings.used_memory > limits.paging};
    const std::uint64_t distance = this->distance(readings, limits, now.paging);
    // Before they are told: who has not heard of an alarm yet is not read, and who may go on does not run away.
    probes_.allow_reads(now.any() ? 0 : std::max(distance / memory_per_octet, limits.memory / least_share));
    Alarms before;
    {
        const std::lock_guard lock(mutex_);
        before = std::exchange(alarms_, now);
    }
    if (now != before) {
        log(before, now, readings, limits);
        on_change_(now);
    }
    if (now.any()) { // it may take its time to clear
        return limits.interval;
    }
    const std::uint64_t soonest = distance / bytes_per_ms;
    return soonest >= static_cast<std::uint64_t>(limits.interval.count())
               ? limits.interval
               : std::max<std::chrono::milliseconds>(std::chrono::milliseconds(soonest), shortest_interval);
}

// To the nearest limit. An octet that is written takes its place in the log and, sooner or later, in a table.
std::uint64_t ResourceMonitor::distance(const Readings& readings, const ResourceLimits& limits, bool paging) const {
    const std::uint64_t memory_limit = paging ? limits.memory : std::min(limits.memory, limits.paging);
    return std::min({difference(memory_limit, readings.used_memory), difference(readings.free_disk, limits.disk) / 2,
                     difference(readings.store_room, limits.store_room) / 2});
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
