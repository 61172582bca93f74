// Turns the batches of one commit group into one RocksDB write batch: appended messages become pages, settled ones bits
// or a deleted page, a message that came and went within the group nothing at all. Owned by CommitThread, on its thread
// alone. Writes nothing itself.
//
// A page key is put once in the life of a data directory (sequences never repeat), which is what SingleDelete asks for.
#pragma once

#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/page_codec.hpp"
#include "storage/rocksdb/page_index.hpp"

#include <unordered_map>
#include <vector>

namespace storage {

class GroupBuilder {
 public:
    GroupBuilder(const Database& database, const RocksStoreOptions& options, std::uint64_t epoch,
                 const std::vector<QueueState>& recovered);

    void add(ShardId shard, Batch batch);
    rocksdb::WriteBatch& finish(); // all that was added; may be empty
    void written();                // the group is on disk: begins the next one

 private:
    struct Pending {
        StoredMessage entry;
        bool gone = false;
    };
    struct Queue {
        Queue(const QueueState& known, Sequence on_disk_below) : state(known), pages(known.queue, on_disk_below) {}

        QueueState state;
        QueuePages pages;
        bool has_row = false; // on disk
        // Of the group being built:
        bool touched = false;
        bool removed = false;
        std::vector<Pending> pending;
        std::vector<Sequence> changed_pages; // their acks; some may be gone by the end
        std::size_t counted_weight = 0;      // what total_weight_ has of it
    };

    Queue* find(QueueId id);
    Queue& find_or_add(QueueId id, Sequence first);
    void touch(Queue& queue);

    void append(Batch::Append& append);
    void settle(Queue& queue, Sequence first, Sequence end);
    void settle_pending(Queue& queue, Sequence first, Sequence end);
    void settle_pages(Queue& queue, Sequence first, Sequence end);
    void settle_messages(Queue& queue, LivePage& page, Sequence first, Sequence end);
    void drop_page(Queue& queue, const LivePage& page);
    void drop_everything(Queue& queue);
    void redeliver(Queue& queue, Sequence sequence, std::uint32_t delivery_count);
    void put_record(ShardId shard, const Batch::Record& record);

    void mark_changed(Queue& queue, LivePage& page);
    void finish_queue(QueueId id);
    void write_ack_rows(Queue& queue);
    void write_pages(Queue& queue);
    void write_page(Queue& queue, std::span<const StoredMessage* const> entries);

    const Database& database_;
    const RocksStoreOptions& options_;
    std::uint64_t epoch_;
    std::unordered_map<QueueId, Queue> queues_; // those that have messages on disk or in this group
    std::vector<QueueId> touched_;
    std::map<ShardId, std::uint64_t> batch_numbers_; // latest of each shard in this group
    PageEncoder encoder_;
    std::vector<const StoredMessage*> live_;
    std::vector<rocksdb::Slice> slices_;
    std::size_t total_weight_ = 0; // of all queues' pages
    rocksdb::WriteBatch writes_;
};

} // namespace storage
