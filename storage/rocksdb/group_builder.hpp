// Turns the batches of one commit group into one RocksDB write batch. A queue's messages are young, in the commit log,
// or in pages; all young ones are newer than all in pages. New messages are young unless the group brings many of them
// for one queue; what is oldest in a full log is moved on to pages, queue by queue, a little with every group. A
// message that came and went within the group is nothing at all. Owned by CommitThread, on its thread alone. Writes
// nothing itself.
#pragma once

#include "storage/rocksdb/commit_log.hpp"
#include "storage/rocksdb/page_tier.hpp"

#include <map>
#include <unordered_map>
#include <vector>

namespace storage {

class GroupBuilder {
 public:
    // Reads the commit log; throws std::runtime_error when it is damaged.
    GroupBuilder(const Database& database, const RocksStoreOptions& options, std::uint64_t epoch,
                 const std::vector<QueueState>& paged);

    std::vector<QueueState> states() const; // of all queues that have messages

    std::size_t add(ShardId shard, Batch batch);       // its number in the group
    rocksdb::WriteBatch& finish();                     // all that was added; may be empty
    std::size_t appended() const { return appended_; } // messages of the group,
    std::size_t elided() const { return elided_; }     // those of them that came and went
    // What a batch of the group appended and nobody has settled yet. What was moved stays: until that is written it is
    // nowhere else.
    std::size_t awaited(std::size_t batch) const { return awaited_[batch]; }
    std::size_t queues_behind() const { return behind_; } // that got some while they have more older ones
    bool frees_space() const;                             // so much that written() will say something
    // The group is on disk: begins the next one. Says what space is free now, when it is worth something.
    std::vector<DeadRange> written();

    // What a reader needs to know of a queue, between two groups.
    struct View {
        QueueState paged;                 // without messages: no page needs to be looked at
        std::vector<StoredMessage> young; // not settled, from where it was asked for, behind everything in pages
        bool more = false;                // young ones than those
    };
    View view(QueueId queue, Sequence from, std::size_t max_messages, std::size_t max_bytes) const;

 private:
    struct Queue {
        Queue(const QueueState& known, bool on_disk) : last(known.last), paged(known, on_disk) {}

        Sequence last; // no message is above it
        YoungMessages young;
        // Of the group being built:
        bool touched = false;
        bool removed = false;
        bool behind = false;          // got some while it has more older ones
        std::size_t new_left = 0;     // messages that it brought and has not settled
        std::size_t new_messages = 0; // that no other queue got
        std::size_t new_bytes = 0;

        PagedMessages paged;

        std::uint64_t older() const { return young.size() - new_left + paged.state.messages; }
    };

    void replay_log();
    void replay(LogNumber number, const std::vector<LogChange>& changes);

    QueueId id(const Queue& queue) const { return queue.paged.state.queue; }
    Queue* find(QueueId id);
    Queue& find_or_add(QueueId id);
    void touch(Queue& queue);

    void append(Batch::Append& append);
    void count_new(Queue& queue, const amqp::Message& message);
    void note_behind(Queue& queue);
    void settle(Queue& queue, Sequence first, Sequence end, bool moved = false);
    void redeliver(Queue& queue, Sequence sequence, std::uint32_t delivery_count);
    void deliver(Queue& queue, Sequence up_to);
    void put_record(ShardId shard, const Batch::Record& record);

    void move_bulk();
    void move_oldest();
    std::size_t move_to_pages(Queue& queue, std::size_t about);
    void finish_queue(Queue& queue);

    const Database& database_;
    const RocksStoreOptions& options_;
    const std::uint64_t epoch_;
    std::unordered_map<QueueId, Queue> queues_; // those that have messages on disk or in this group
    rocksdb::WriteBatch writes_;
    CommitLog log_;
    PageTier pages_;
    QueueId leaving_ = 0; // has been in the log too long, and is being moved on
    // Of the group being built:
    std::vector<Queue*> touched_;
    std::map<ShardId, std::uint64_t> batch_numbers_; // latest of each shard
    std::vector<std::uint32_t> awaited_;             // of each batch
    std::size_t appended_ = 0;
    std::size_t elided_ = 0;
    std::size_t behind_ = 0;
    std::size_t appended_bytes_ = 0;
    const amqp::Message* last_message_ = nullptr; // appended last,
    Queue* only_queue_ = nullptr;                 // when it was to one queue so far
    std::vector<StoredMessage> moved_;
    std::vector<const StoredMessage*> moved_pointers_;
};

} // namespace storage
