#include "bench/process_usage.hpp"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {
namespace {

struct Stat {
    int parent = 0;
    double cpu_s = 0;
};

std::optional<Stat> stat_of(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(file, line)) {
        return std::nullopt;
    }
    // The second field is a name in brackets that may contain anything; parent, user and system time are the 4th, the
    // 14th and the 15th.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::string skipped;
    Stat stat;
    fields >> skipped >> stat.parent;
    for (int field = 5; field < 14; ++field) {
        fields >> skipped;
    }
    double user = 0;
    double system = 0;
    fields >> user >> system;
    stat.cpu_s = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
    return stat;
}

std::uint64_t peak_rss_kib_of(int pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    std::uint64_t peak = 0;
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") {
            status >> peak;
        }
    }
    return peak;
}

std::multimap<int, int> children_by_parent() {
    std::multimap<int, int> children;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        int pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc() || end != name.data() + name.size()) {
            continue;
        }
        if (const auto stat = stat_of(pid)) {
            children.emplace(stat->parent, pid);
        }
    }
    return children;
}

} // namespace

ProcessUsage ProcessUsage::of(int pid) {
    if (!stat_of(pid)) {
        throw std::runtime_error("--broker-pid: there is no process " + std::to_string(pid));
    }
    const auto children = children_by_parent();
    ProcessUsage usage;
    std::vector<int> family{pid};
    for (std::size_t i = 0; i < family.size(); ++i) {
        if (const auto stat = stat_of(family[i])) {
            usage.cpu_s += stat->cpu_s;
            usage.peak_rss_kib += peak_rss_kib_of(family[i]);
        }
        const auto [first, last] = children.equal_range(family[i]);
        for (auto child = first; child != last; ++child) {
            family.push_back(child->second);
        }
    }
    return usage;
}

} // namespace bench
