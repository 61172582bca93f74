#include "broker/admin/total_memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

namespace broker {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

std::uint64_t limit_in(const fs::path& file) {
    std::uint64_t limit = 0;
    return std::ifstream(file) >> limit && limit > 0 ? limit : no_limit; // "max" is no number
}

// Of the group and all around it. In a container the path may be that of the host, and not there: then the top is ours.
std::uint64_t least_limit(const fs::path& top, const fs::path& group, const char* file) {
    std::uint64_t least = limit_in(top / file);
    fs::path here = top;
    for (const fs::path& part : group.relative_path()) {
        here /= part;
        least = std::min(least, limit_in(here / file));
    }
    return least;
}

} // namespace

// Lines are "0::/path" in version 2, "4:memory:/path" in version 1.
std::uint64_t control_group_limit(const fs::path& proc, const fs::path& groups) {
    std::uint64_t least = least_limit(groups, {}, "memory.max");
    least = std::min(least, limit_in(groups / "memory" / "memory.limit_in_bytes"));
    std::ifstream own(proc / "self/cgroup");
    for (std::string line; std::getline(own, line);) {
        const auto controllers = line.find(':');
        const auto path = line.find(':', controllers + 1);
        if (controllers == std::string::npos || path == std::string::npos) {
            continue;
        }
        const std::string names = "," + line.substr(controllers + 1, path - controllers - 1) + ",";
        if (names == ",,") {
            least = std::min(least, least_limit(groups, line.substr(path + 1), "memory.max"));
        } else if (names.find(",memory,") != std::string::npos) {
            least = std::min(least, least_limit(groups / "memory", line.substr(path + 1), "memory.limit_in_bytes"));
        }
    }
    return least;
}

std::uint64_t total_memory_bytes() {
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const auto of_machine = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * page;
    return std::min(of_machine, control_group_limit("/proc", "/sys/fs/cgroup"));
}

} // namespace broker
