#include "broker/resource_limits.hpp"

#include <algorithm>
#include <chrono>

namespace broker {

std::uint64_t bytes_of(const config::Watermark& watermark, std::uint64_t total_memory) {
    return watermark.relative ? static_cast<std::uint64_t>(*watermark.relative * static_cast<double>(total_memory))
                              : watermark.absolute_bytes.value_or(0);
}

ResourceLimits resource_limits(const config::Settings& settings, std::uint64_t total_memory,
                               std::uint64_t store_reserve) {
    const std::uint64_t total = settings.total_memory_bytes.value_or(total_memory);
    const std::uint64_t memory = std::min(bytes_of(settings.memory_high_watermark, total), total);
    return {.memory = memory,
            .paging = static_cast<std::uint64_t>(settings.memory_paging_ratio * static_cast<double>(memory)),
            .disk = bytes_of(settings.disk_free_limit, total),
            .store_room = 4 * store_reserve,
            .interval = std::chrono::milliseconds(settings.memory_monitor_interval_ms)};
}

} // namespace broker
