#include "bench/process_usage.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace bench {

ProcessUsage ProcessUsage::of(int pid) {
    const std::string directory = "/proc/" + std::to_string(pid);
    std::ifstream stat(directory + "/stat");
    std::string line;
    if (!std::getline(stat, line)) {
        throw std::runtime_error("--broker-pid: there is no process " + std::to_string(pid));
    }
    // The second field is a name in brackets that may contain anything; user and system time are the 14th and 15th.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) {
        fields >> skipped;
    }
    double user = 0;
    double system = 0;
    fields >> user >> system;
    ProcessUsage usage;
    usage.cpu_s = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
    std::ifstream status(directory + "/status");
    while (status >> skipped) {
        if (skipped == "VmHWM:") {
            status >> usage.peak_rss_kib;
        }
    }
    return usage;
}

} // namespace bench
