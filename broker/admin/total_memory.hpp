// How much memory there is for this process: the machine's, or what its control group (version 1 or 2) or a group
// around it allows, whichever is least. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>

namespace broker {

std::uint64_t total_memory_bytes();

// The least limit of the groups that PROC/self/cgroup names below GROUPS (/sys/fs/cgroup); the largest number if there
// is none.
std::uint64_t control_group_limit(const std::filesystem::path& proc, const std::filesystem::path& groups);

} // namespace broker
