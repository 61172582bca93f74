// The one thread that makes batches durable: it takes all that wait, of all shards, writes them as one RocksDB write
// batch, syncs when one of them was promised, and completes them in order. While it does, the next group collects;
// there is no timer, but a group is held open where that spares most of it the disk (ElisionHold). Owned by RocksStore.
// After a write or a sync has failed nothing is written any more. What a nearly full disk has no room for waits here,
// before anything of it is written.
#pragma once

#include "storage/rocksdb/commit_group.hpp"
#include "storage/rocksdb/data_directory.hpp"
#include "storage/rocksdb/disk_space.hpp"
#include "storage/rocksdb/elision_hold.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

namespace storage {

class CommitThread {
 public:
    CommitThread(Database& database, DataDirectory& directory, DiskSpace& space, SpaceReclaimer& reclaimer,
                 const RocksStoreOptions& options, std::uint64_t epoch, const std::vector<QueueState>& paged);
    ~CommitThread(); // abandons what is queued

    void submit(const Lease& lease, Batch batch, Store::Completion completion);
    void drain(); // writes and completes what is queued, then stops

    // Calls `look` on this thread, between two groups, when every batch that was submitted before is written.
    using Look = std::function<void(const GroupBuilder&)>;
    void submit_look(Look look);

    // What was there at start, once.
    std::vector<QueueState> take_recovered() { return std::exchange(recovered_, {}); }
    std::uint64_t room() const; // free bytes that nothing submitted so far will need; any thread
    // More waits than half a memtable takes; any thread.
    bool is_behind() const { return waiting_bytes_.load(std::memory_order_relaxed) > options_.page_memtable_bytes / 2; }

 private:
    struct Item {
        Lease lease;
        Batch batch;
        Store::Completion completion;
        std::size_t bytes = 0;
    };
    enum class Stop : std::uint8_t { no, drain, abandon };

    struct WaitingLook {
        Look look;
        std::uint64_t after; // so many batches
    };

    // What has been submitted while a group is held, and how much of it is worth a look. Settles may be of older
    // messages: then it is looked at too early.
    struct Held {
        explicit Held(std::size_t messages) : worth_a_look(messages) {}
        void add(const Batch& batch);
        bool over() const { return settled >= worth_a_look || urgent; }

        std::uint64_t worth_a_look = 0;
        std::uint64_t settled = 0;
        bool urgent = false;
    };

    void run();
    void look_around();
    void collect();
    void take_in();
    bool hold(std::unique_lock<std::mutex>& lock);
    void add_to_group(Item item, Outcome outcome, CommitGroup::Time now);
    Outcome admit(const Item& item) const;
    bool already_written(const Item& item);
    void complete_settled();
    void write_group();
    bool write(bool sync);
    bool write_sentinel(std::uint64_t log);
    bool complete_group();

    Database& database_;
    DataDirectory& directory_;
    DiskSpace& space_;
    SpaceReclaimer& reclaimer_;
    const RocksStoreOptions& options_;
    const std::uint64_t epoch_;
    GroupBuilder builder_;
    std::vector<QueueState> recovered_;
    std::unordered_map<ShardId, std::uint64_t> batch_numbers_; // latest written of each shard
    std::deque<Item> taken_;                                   // from queued_, for this and later groups
    CommitGroup group_;                                        // its batches are in the builder
    ElisionHold elision_hold_;
    std::atomic<std::uint64_t> waiting_bytes_ = 0; // submitted and not written yet

    std::mutex mutex_;
    std::condition_variable work_;
    std::deque<Item> queued_;
    std::deque<WaitingLook> looks_;
    std::optional<Held> held_; // while a group is
    std::uint64_t submitted_ = 0;
    std::uint64_t written_ = 0;
    Stop stop_ = Stop::no;
    std::thread thread_;
};

} // namespace storage
