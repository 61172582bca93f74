// What the crash tests share: a directory that goes with its test, a ledger in memory, the seed of this run.
#pragma once

#include "tests/crash/store_workload.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace storage::test {

// LEVERET_SEED plays a run again.
inline std::uint64_t seed_of_this_run() {
    const char* given = std::getenv("LEVERET_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

// In memory when there is room: what a power cut takes is simulated, so waiting for a real disk is waste.
inline std::filesystem::path scratch_place() {
    const std::filesystem::path memory = "/dev/shm";
    std::error_code none;
    const auto space = std::filesystem::space(memory, none);
    return !none && space.available >= (std::uintmax_t{512} << 20) ? memory : std::filesystem::temp_directory_path();
}

inline std::filesystem::path directory_of(pid_t process) {
    return scratch_place() / ("leveret-crash-" + std::to_string(process));
}

struct Directory {
    Directory() { std::filesystem::remove_all(path); }
    ~Directory() { std::filesystem::remove_all(path); }
    const std::filesystem::path path = directory_of(::getpid());
};

struct Memory final : LedgerSink {
    void line(const std::string& text) override {
        const std::lock_guard lock(mutex);
        ledger.read_line(text);
    }
    std::mutex mutex;
    Ledger ledger;
};

} // namespace storage::test
