// The store on disk: pages in RocksDB (docs/STORAGE_FORMAT.md). No RocksDB type is visible here.
#pragma once

#include "protocol/error.hpp"
#include "storage/store.hpp"

#include <chrono>
#include <filesystem>

namespace storage {

enum class LogLevel : std::uint8_t { info, warning, error };

struct RocksStoreOptions {
    std::filesystem::path directory; // made if it is not there, for this user only

    // Off only for the control run of the crash tests: then a confirm promises nothing.
    bool sync = true;

    // Held in a reserve file, for what has to be written on a full disk. New messages and records leave a quarter of
    // it to what takes away, and wait.
    std::uint64_t reserve_bytes = 32u << 20;

    // Messages that are settled before this much has come after them never reach a table. Memory: at most five times
    // it.
    std::uint64_t page_memtable_bytes = 64u << 20;

    // So much of what was written last stays in the commit log and in memory; what outlives it is moved to pages.
    // 0: there is no commit log, everything goes to pages at once.
    std::size_t commit_log_bytes = 64u << 20;

    // Where holding a group spares the disk most of its messages: how long a publisher may wait in it, and how long it
    // is held with consumers that settle nothing. 1 KiB through one queue: a tenth is written instead of a third, for a
    // fifth less CPU.
    std::chrono::microseconds longest_hold{2000};
    std::chrono::microseconds hold_patience{250};

    // How long a compaction that the disk has no room for waits before it takes back what it has written.
    std::chrono::milliseconds compaction_patience{10000};

    // How often drained space is looked after. Tables are compacted when little was written for so long.
    std::chrono::milliseconds reclaim_interval{5000};

    std::function<void(LogLevel, std::string_view)> log = {};         // from any thread of the store
    std::function<void(std::string_view reason)> on_disk_failed = {}; // once, from a thread of the store

    // Tests only: a rocksdb::Env to run on (std::static_pointer_cast), and a look at the free space.
    std::shared_ptr<void> environment = {};
    std::function<std::uint64_t()> free_bytes = {};
};

// A store in a directory of its own.
class LocalStore : public Store {
 public:
    // Makes a copy that open_rocksdb opens, in a directory that is not there yet; everything committed before the call
    // is in it, while commits go on. Blocks; on any thread, one at a time, not with close().
    virtual amqp::Result<> copy_to(const std::filesystem::path& directory) = 0;
};

// Opens the store, or throws std::runtime_error with one clear line: directory in use, data damaged, no space.
// Destroying it without close() leaves the directory as a killed process would.
std::unique_ptr<LocalStore> open_rocksdb(const RocksStoreOptions& options);

} // namespace storage
