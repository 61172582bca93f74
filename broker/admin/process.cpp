#include "broker/admin/process.hpp"

#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace broker {
namespace {

// The number behind "name:" in a file of /proc; 0 if there is none.
std::uint64_t number_in(const char* path, const std::string& name) {
    std::ifstream file(path);
    std::string key;
    while (file >> key) {
        if (key == name) {
            std::uint64_t value = 0;
            file >> value;
            return value;
        }
        file.ignore(4096, '\n');
    }
    return 0;
}

std::uint64_t number_of_open_files() {
    std::error_code error;
    const std::filesystem::directory_iterator files("/proc/self/fd", error);
    return error ? 0 : static_cast<std::uint64_t>(std::distance(begin(files), end(files)));
}

} // namespace

std::uint64_t resident_bytes() {
    std::uint64_t pages_in_all = 0;
    std::uint64_t pages_in_memory = 0;
    std::ifstream("/proc/self/statm") >> pages_in_all >> pages_in_memory;
    return pages_in_memory * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

ProcessFacts process_facts() {
    ProcessFacts facts;
    facts.pid = static_cast<std::uint64_t>(::getpid());
    facts.resident_bytes = number_in("/proc/self/status", "VmRSS:") * 1024;
    facts.threads = number_in("/proc/self/status", "Threads:");
    facts.context_switches = number_in("/proc/self/status", "voluntary_ctxt_switches:") +
                             number_in("/proc/self/status", "nonvoluntary_ctxt_switches:");
    facts.read_calls = number_in("/proc/self/io", "syscr:");
    facts.write_calls = number_in("/proc/self/io", "syscw:");
    facts.read_bytes = number_in("/proc/self/io", "read_bytes:");
    facts.write_bytes = number_in("/proc/self/io", "write_bytes:");
    facts.open_files = number_of_open_files();
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        facts.max_open_files = files.rlim_cur;
    }
    facts.processors = std::max(1U, std::thread::hardware_concurrency());
    return facts;
}

std::uint64_t free_disk_bytes(const char* directory) {
    struct statvfs file_system {};
    return ::statvfs(directory, &file_system) == 0 ? file_system.f_bavail * file_system.f_frsize : 0;
}

} // namespace broker
