// What the operating system says of this process, from /proc. Cheap, but not free. Any thread.
#pragma once

#include <cstdint>

namespace broker {

struct ProcessFacts {
    std::uint64_t pid = 0;
    std::uint64_t resident_bytes = 0;
    std::uint64_t open_files = 0, max_open_files = 0;
    std::uint64_t threads = 0;
    std::uint64_t context_switches = 0;
    std::uint64_t read_calls = 0, read_bytes = 0, write_calls = 0, write_bytes = 0;
    unsigned processors = 1;
};

ProcessFacts process_facts();
std::uint64_t resident_bytes();
std::uint64_t free_disk_bytes(const char* directory);

} // namespace broker
