// The second tier: pages, their ack rows and the queue rows. Turns what happens to a queue's messages there into
// changes of a RocksDB write batch: appended messages become pages, settled ones bits or a deleted page. Owned by
// GroupBuilder, on the commit thread alone. Writes nothing itself.
//
// A page key is put once in the life of a data directory (sequences never repeat), which is what SingleDelete asks for.
#pragma once

#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/page_codec.hpp"
#include "storage/rocksdb/page_index.hpp"
#include "storage/rocksdb/space_reclaimer.hpp"

#include <unordered_map>
#include <vector>

namespace storage {

// What of a queue is in pages.
struct PagedMessages {
    PagedMessages(const QueueState& known, bool on_disk)
        : state(known),
          index(known.queue, on_disk ? known.last + 1 : 0),
          has_row(on_disk) {}
    bool empty() const { return state.messages == 0; }

    QueueState state; // as the queue's row says, or will say
    QueuePages index;
    bool has_row;                        // on disk
    bool changed = false;                // the state, by the group being built
    std::vector<Sequence> changed_pages; // their acks, likewise; some may be gone by the end
    std::uint64_t drained_bytes = 0;     // by the group
    std::size_t counted_weight = 0;      // what PageTier's total has of it
};

class PageTier {
 public:
    PageTier(const Database& database, const RocksStoreOptions& options, rocksdb::WriteBatch& writes)
        : database_(database),
          options_(options),
          writes_(writes) {}

    void append(PagedMessages& paged, std::span<const StoredMessage* const> entries);
    void settle(PagedMessages& paged, Sequence first, Sequence end);
    void redeliver(PagedMessages& paged, Sequence sequence, std::uint32_t delivery_count);
    void deliver(PagedMessages& paged, Sequence up_to);
    void drop_everything(PagedMessages& paged);
    void finish(PagedMessages& paged); // of the group: rows that changed

    // How much was drained since it was last asked for, and where: all pages of a queue below its head, and
    // what was purged behind it.
    std::uint64_t drained_bytes() const { return drained_bytes_; }
    std::vector<DeadRange> take_drained();

 private:
    void settle_pages(PagedMessages& paged, Sequence first, Sequence end);
    void settle_messages(PagedMessages& paged, LivePage& page, Sequence first, Sequence end);
    void drop_page(PagedMessages& paged, const LivePage& page);
    void drop_from(PagedMessages& paged, Sequence first);
    void delete_range(const PagedMessages& paged, Sequence first);
    static void mark_changed(PagedMessages& paged, LivePage& page);
    void write_page(PagedMessages& paged, std::span<const StoredMessage* const> entries);
    void write_ack_rows(PagedMessages& paged);

    const Database& database_;
    const RocksStoreOptions& options_;
    rocksdb::WriteBatch& writes_;
    PageEncoder encoder_;
    std::vector<rocksdb::Slice> slices_;
    std::size_t total_weight_ = 0; // of all queues' indexes
    std::uint64_t drained_bytes_ = 0;
    std::unordered_map<QueueId, Sequence> drained_; // the heads
    std::vector<DeadRange> purged_;                 // behind messages that are left
};

} // namespace storage
