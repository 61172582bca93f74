// How much of the disk the store may still use, and what happens when there is nothing left: first the reserve file is
// given back, then whoever has to write waits. Nothing fails on a full disk, so nothing has to be undone, and writing
// goes on by itself when there is space. The broker blocks publishers long before. Owned by RocksStore; any thread.
//
//   <directory>/reserve   RocksStoreOptions::reserve_bytes, allocated and never written
#pragma once

#include "storage/rocksdb_store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace storage {

class DiskSpace {
 public:
    explicit DiskSpace(const RocksStoreOptions& options); // the directory is there

    // With what the reserve holds. Takes the reserve back when there is enough for it again.
    std::uint64_t free_bytes();

    // Calls `there_is_room` again and again until it says so. False: stop_waiting() was called.
    using Question = std::function<bool()>;
    bool wait_until(const Question& there_is_room);

    // The same for a write that found no space: the reserve goes first.
    bool write_until(const Question& written);

    // What is only allocated leaves the rest of a nearly full disk to what cannot do without it.
    bool is_scarce() const { return really_free() < 4 * options_.reserve_bytes; }

    // Waits until a compaction may write, which is further than publishers may: it frees what is settled. False: it
    // shall give up, and with it what it has written and its hold on what it read, which may be settled by now.
    bool wait_for_compaction();

    bool is_full() const { return waiting_ > 0; } // somebody waits
    void stop_waiting();                          // for good

 private:
    std::uint64_t really_free() const;
    void take_reserve();
    bool give_reserve_back();
    bool pause(); // false: there is no more waiting
    void say(LogLevel level, std::string_view text) const;

    const RocksStoreOptions options_;
    const std::filesystem::path reserve_;
    std::atomic<std::uint64_t> held_ = 0; // by the reserve file
    std::atomic<int> waiting_ = 0;

    std::mutex mutex_; // of the reserve file and of what follows
    std::condition_variable stop_;
    bool stopped_ = false;
    bool reserve_possible_ = true;
    std::chrono::steady_clock::time_point silent_until_; // a disk that hovers about full is not told of each time
};

} // namespace storage
