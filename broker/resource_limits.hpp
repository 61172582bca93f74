// The watermarks of the settings in bytes. Pure functions.
#pragma once

#include "broker/resource_monitor.hpp"
#include "config/settings.hpp"

#include <cstdint>

namespace broker {

// Of a share of the memory there is, or an absolute number.
std::uint64_t bytes_of(const config::Watermark& watermark, std::uint64_t total_memory);

// `total_memory` counts unless the settings know better; `store_reserve` is what the store keeps free in any case.
ResourceLimits resource_limits(const config::Settings& settings, std::uint64_t total_memory,
                               std::uint64_t store_reserve);

} // namespace broker
