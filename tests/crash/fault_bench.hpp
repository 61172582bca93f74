// A store on a disk that can fail and lose power, and the canned workload on it.
#pragma once

#include "storage/rocksdb_store.hpp"
#include "tests/crash/canned_workload.hpp"
#include "tests/crash/scratch.hpp"
#include "tests/support/fault_file_system.hpp"
#include "tests/support/power_cut_file_system.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

namespace storage::test {

// Used by one thread, many times over: each cut_and_check() begins anew.
struct Bench {
    explicit Bench(std::uint64_t disk_seed, std::size_t commit_log_bytes)
        : disk(std::make_shared<PowerCutFileSystem>(disk_seed)),
          faults(std::make_shared<FaultFileSystem>(disk, disk_seed)) {
        options.directory = directory.path;
        options.page_memtable_bytes = 64 * 1024; // flushes and new logs on the way
        options.commit_log_bytes = commit_log_bytes;
        options.reclaim_interval = std::chrono::milliseconds(5);
        options.environment = environment_on(std::static_pointer_cast<rocksdb::FileSystem>(faults));
        options.on_disk_failed = [this](std::string_view) { ++told; };
        options.log = [this](LogLevel, std::string_view line) {
            const std::lock_guard lock(log_mutex);
            log += std::string(line) + '\n';
        };
    }

    // Nothing when the store cannot even be opened.
    std::optional<CannedRun> run() {
        try {
            const auto store = open_rocksdb(options);
            return run_canned(*store, memory);
        } catch (const std::runtime_error&) {
            return std::nullopt;
        }
    }

    // What the disk has after a power cut; then everything is new again.
    Verdict cut_and_check() {
        disk->cut();
        disk->restore();
        faults->disarm();
        Verdict verdict;
        {
            const auto store = open_rocksdb(options);
            verdict = check(*store, memory.ledger);
        }
        disk->cut();
        disk->restore();
        std::filesystem::remove_all(directory.path);
        memory.ledger = {};
        told = 0;
        log.clear();
        return verdict;
    }

    const Directory directory;
    std::shared_ptr<PowerCutFileSystem> disk;
    std::shared_ptr<FaultFileSystem> faults;
    RocksStoreOptions options;
    Memory memory;
    std::atomic<int> told = 0;
    std::mutex log_mutex;
    std::string log;
};

inline std::string complaint_about(const Verdict& verdict) { // empty: all that was promised is there
    if (verdict.lost == 0 && verdict.undead == 0 && verdict.unreadable == 0)
        return verdict.wrong;
    return std::to_string(verdict.lost) + " lost, " + std::to_string(verdict.undead) + " settled and there, " +
           std::to_string(verdict.unreadable) + " unreadable; " + verdict.wrong;
}

} // namespace storage::test
