// How much of the machine this process may use: all of it, or what its control group (version 1 or 2) or a group around
// it allows, whichever is least. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

namespace broker {

std::uint64_t total_memory_bytes();
unsigned processors(); // that may run threads of ours at the same time, at least 1; parts of one count as one

// The least limits of the groups that PROC/self/cgroup names below GROUPS (/sys/fs/cgroup).
struct ControlGroupLimits {
    std::uint64_t memory_bytes = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t processors = std::numeric_limits<std::uint64_t>::max();
};
ControlGroupLimits control_group_limits(const std::filesystem::path& proc, const std::filesystem::path& groups);

} // namespace broker
