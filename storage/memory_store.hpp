// The store's twin in memory: for unit tests, and for running without a disk. Same contract as the engines on disk,
// deterministic, one mutex, no thread: completions run inside commit() and read(), or when run_completions() is called.
// What is "on disk" is a MemoryDisk, which outlives the store, so that a test can open it again.
#pragma once

#include "storage/store.hpp"

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

namespace storage {

struct MemoryDisk {
    struct Queue {
        std::map<Sequence, StoredMessage> messages;
        Sequence delivered_up_to = 0;
    };
    std::uint64_t epoch = 0;
    bool closed_cleanly = true;
    std::map<ShardId, std::map<RecordKey, std::string>> records;
    std::map<QueueId, Queue> queues;
};

class MemoryStore final : public Store {
 public:
    enum class Completions : std::uint8_t { immediate, manual };
    enum class Applied : std::uint8_t { no, yes };

    explicit MemoryStore(Completions completions = Completions::immediate,
                         std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>());

    bool behind = false; // says is_behind()

    void recover(RecoveryVisitor& visitor) override;
    bool is_behind() const override { return behind; }
    std::uint64_t epoch() const override { return epoch_; }
    Lease open_shard(ShardId shard) override { return {shard, epoch_}; }
    void commit(const Lease& lease, Batch batch, Completion completion) override;
    void read(QueueId queue, Sequence from, std::size_t max_messages, std::size_t max_bytes,
              PageCompletion completion) override;
    void close() override;

    // The next commit has this outcome; with Applied::yes it happens nevertheless. `failed` and `fenced` last.
    void fail_next(Outcome outcome, Applied applied = Applied::no);
    void set_completions(Completions completions);               // to immediate: runs what waits
    std::size_t run_completions(std::size_t at_most = SIZE_MAX); // returns how many ran; also those that they caused

    // For tests to look at. `on_commit` sees every batch before it is applied.
    std::function<void(const Batch&)> on_commit;
    std::vector<StoredMessage> messages(QueueId queue) const;
    std::optional<std::string> record(ShardId shard, const RecordKey& key) const;

 private:
    struct Failure {
        Outcome outcome;
        Applied applied;
    };
    Outcome take_outcome(const Lease& lease, Batch& batch);
    void apply(ShardId shard, Batch& batch);
    Page read_page(QueueId queue, Sequence from, std::size_t max_messages, std::size_t max_bytes) const;
    void deliver(std::function<void()> event);

    mutable std::mutex mutex_;
    std::shared_ptr<MemoryDisk> disk_;
    Completions completions_;
    std::uint64_t epoch_ = 0;
    std::deque<std::function<void()>> events_;
    std::optional<Failure> next_failure_;
    std::optional<Outcome> lasting_failure_;
    std::map<ShardId, std::uint64_t> applied_up_to_; // batch numbers of this epoch
};

} // namespace storage
