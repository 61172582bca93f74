// Broker: memory and disk watermarks, from the monitor to every connection; and what follows the settings at run time;
// whether all threads are well.
#include "broker/admin/machine_share.hpp"
#include "broker/admin/process.hpp"
#include "broker/allocator.hpp"
#include "broker/broker.hpp"
#include "broker/resource_limits.hpp"
#include "storage/rocksdb_store.hpp"

#include <spdlog/spdlog.h>

namespace broker {
namespace {

ResourceLimits limits_of(const config::Settings& settings) {
    const std::uint64_t total = settings.total_memory_bytes.value_or(total_memory_bytes());
    const ResourceLimits limits = resource_limits(settings, total, storage::RocksStoreOptions{}.reserve_bytes);
    spdlog::info("Memory high watermark set to {} MiB ({} bytes) of {} MiB ({} bytes) total", limits.memory >> 20,
                 limits.memory, total >> 20, total);
    spdlog::info("Disk free limit set to {}MB", limits.disk / 1'000'000);
    return limits;
}

} // namespace

void Broker::start_monitor() {
    ResourceProbes probes{.used_memory = [] { return resident_bytes(); },
                          .free_disk = [this] { return free_disk_bytes(settings_.data_dir.c_str()); },
                          .store_room = [this] { return store_->room(); },
                          .release_memory = release_unused_memory,
                          .allow_reads = [this](std::uint64_t octets) { read_allowance_.grant(octets); }};
    monitor_ = std::make_unique<ResourceMonitor>(info_.node_name, std::move(probes), limits_of(settings_),
                                                 [this](Alarms alarms) {
                                                     memory_is_short_.store(alarms.paging, std::memory_order_relaxed);
                                                     tell_connections(alarms);
                                                 });
    monitor_->start();
}

void Broker::tell_connections(Alarms alarms) {
    for (auto& thread : threads_) {
        thread->post([&thread = *thread, alarms] {
            thread.for_each_connection([alarms](Connection& connection) { connection.set_alarms(alarms); });
        });
    }
}

void Broker::reload(const config::Settings& settings) {
    monitor_->set_limits(limits_of(settings));
    reload_certificates();
}

void Broker::show_settings(std::string text) {
    const std::lock_guard lock(mutex_);
    effective_settings_ = std::move(text);
}

std::string Broker::effective_settings() const {
    const std::lock_guard lock(mutex_);
    return effective_settings_;
}

Alarms Broker::alarms() const {
    return monitor_->alarms();
}

Resources Broker::resources() const {
    const ResourceLimits limits = monitor_->limits();
    return {monitor_->alarms(), limits.memory, limits.disk};
}

bool Broker::responsive() {
    if (came_round_ && came_round_->load(std::memory_order_relaxed) < threads_.size()) {
        return false;
    }
    came_round_ = std::make_shared<std::atomic<std::size_t>>(0);
    for (const auto& thread : threads_) {
        thread->post([count = came_round_] { count->fetch_add(1, std::memory_order_relaxed); });
    }
    return true;
}

} // namespace broker
