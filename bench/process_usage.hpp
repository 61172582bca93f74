// What another process and its children have used so far, from /proc.
#pragma once

#include <cstdint>

namespace bench {

struct ProcessUsage {
    double cpu_s = 0; // user and system
    std::uint64_t peak_rss_kib = 0;

    static ProcessUsage of(int pid); // throws std::runtime_error when there is no such process
};

} // namespace bench
