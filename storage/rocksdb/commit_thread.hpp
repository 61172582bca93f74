// The one thread that makes batches durable: it takes all that wait, of all shards, writes them as one RocksDB write
// batch, syncs when one of them was promised, and completes them in order. While it does, the next group collects;
// there is no timer. Owned by RocksStore. After a write or a sync has failed nothing is written any more.
#pragma once

#include "storage/rocksdb/data_directory.hpp"
#include "storage/rocksdb/group_builder.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace storage {

class CommitThread {
 public:
    CommitThread(const Database& database, DataDirectory& directory, const RocksStoreOptions& options,
                 std::uint64_t epoch, const std::vector<QueueState>& recovered);
    ~CommitThread(); // abandons what is queued

    void submit(const Lease& lease, Batch batch, Store::Completion completion);
    void drain(); // writes and completes what is queued, then stops

    using Ticket = std::uint64_t;
    Ticket last_submitted() const;
    bool wait_written(Ticket ticket) const; // false when the thread has stopped without it
    bool failed() const { return failed_; }
    std::uint64_t room() const;            // free bytes that are not spoken for; any thread
    std::uint64_t room_behind_all() const; // when all that was submitted is written

 private:
    struct Item {
        Lease lease;
        Batch batch;
        Store::Completion completion;
        std::size_t bytes = 0;
        Outcome outcome = Outcome::durable;
    };
    enum class Stop : std::uint8_t { no, drain, abandon };

    void run();
    std::vector<Item> next_group();
    void write_group(std::vector<Item>& group);
    Outcome admit(const Item& item, std::uint64_t room, std::uint64_t group_bytes) const;
    bool already_written(const Item& item);
    bool write(bool sync, bool repeated);
    void fail(std::string_view reason);

    const Database& database_;
    DataDirectory& directory_;
    const RocksStoreOptions& options_;
    const std::uint64_t epoch_;
    GroupBuilder builder_;
    std::unordered_map<ShardId, std::uint64_t> batch_numbers_; // latest written of each shard
    std::deque<Item> taken_;                                   // from queued_, for this and later groups
    std::atomic<bool> failed_ = false;
    std::atomic<std::uint64_t> waiting_bytes_ = 0; // submitted and not written yet

    mutable std::mutex mutex_;
    std::condition_variable work_;
    mutable std::condition_variable progress_;
    std::deque<Item> queued_;
    Ticket submitted_ = 0;
    Ticket written_ = 0;
    Stop stop_ = Stop::no;
    bool running_ = true;
    std::thread thread_;
};

} // namespace storage
