#include "broker/admin/machine_share.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

namespace broker {
namespace {

namespace fs = std::filesystem;

// Files that are not there, and the words for "no limit" ("max", -1), leave a limit as it is.
void look(ControlGroupLimits& limits, const fs::path& group) {
    const auto lower_memory = [&](const char* file) {
        if (std::uint64_t octets = 0; std::ifstream(group / file) >> octets && octets > 0) {
            limits.memory_bytes = std::min(limits.memory_bytes, octets);
        }
    };
    const auto lower_processors = [&](std::int64_t quota, std::int64_t period) {
        if (quota > 0 && period > 0) {
            const std::int64_t whole = quota / period + (quota % period != 0 ? 1 : 0);
            limits.processors = std::min(limits.processors, static_cast<std::uint64_t>(whole));
        }
    };
    lower_memory("memory.max");
    lower_memory("memory.limit_in_bytes");
    std::int64_t quota = 0;
    std::int64_t period = 0;
    if (std::ifstream(group / "cpu.max") >> quota >> period) {
        lower_processors(quota, period);
    }
    if (std::ifstream(group / "cpu.cfs_quota_us") >> quota && std::ifstream(group / "cpu.cfs_period_us") >> period) {
        lower_processors(quota, period);
    }
}

// At the group and all between it and the top. In a container the path may be that of the host, and not there: then the
// top is ours.
void look_below(ControlGroupLimits& limits, const fs::path& top, const fs::path& group) {
    fs::path here = top;
    for (const fs::path& part : group.relative_path()) {
        here /= part;
        look(limits, here);
    }
}

} // namespace

// Lines are "0::/path" in version 2, "4:cpu,cpuacct:/path" in version 1, which has a tree for each controller.
ControlGroupLimits control_group_limits(const fs::path& proc, const fs::path& groups) {
    ControlGroupLimits limits;
    look(limits, groups);
    look(limits, groups / "memory");
    look(limits, groups / "cpu");
    std::ifstream own(proc / "self/cgroup");
    for (std::string line; std::getline(own, line);) {
        const auto controllers = line.find(':');
        const auto path = line.find(':', controllers + 1);
        if (controllers == std::string::npos || path == std::string::npos) {
            continue;
        }
        const std::string names = "," + line.substr(controllers + 1, path - controllers - 1) + ",";
        if (names == ",,") {
            look_below(limits, groups, line.substr(path + 1));
        }
        for (const std::string controller : {"memory", "cpu"}) {
            if (names.find("," + controller + ",") != std::string::npos) {
                look_below(limits, groups / controller, line.substr(path + 1));
            }
        }
    }
    return limits;
}

std::uint64_t total_memory_bytes() {
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const auto of_machine = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * page;
    return std::min(of_machine, control_group_limits("/proc", "/sys/fs/cgroup").memory_bytes);
}

unsigned processors() {
    const std::uint64_t of_machine = std::max(1U, std::thread::hardware_concurrency());
    return static_cast<unsigned>(std::min(of_machine, control_group_limits("/proc", "/sys/fs/cgroup").processors));
}

} // namespace broker
