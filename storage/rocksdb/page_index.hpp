// What the commit thread knows of the pages on disk: which messages they hold, and which of those are settled. Only a
// cache: what is not in it is looked up in the database, so its size is bounded and nothing of it is read at start.
// Owned by GroupBuilder, on the commit thread alone. Does not write.
#pragma once

#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/row_codec.hpp"

#include <map>
#include <vector>

namespace storage {

struct LivePage {
    Sequence first = 0;
    std::vector<std::uint32_t> offsets; // of the sequences from `first`; empty when they are consecutive
    std::vector<std::uint32_t> sizes;   // of the bodies
    PageAcks acks;
    std::uint32_t settled = 0; // bits set in acks
    bool has_ack_row = false;  // on disk
    bool changed = false;      // acks, by the group being built

    std::size_t count() const { return sizes.size(); }
    Sequence sequence(std::size_t index) const { return first + (offsets.empty() ? index : offsets[index]); }
    Sequence last() const { return sequence(count() - 1); }
    std::size_t index_from(Sequence at_least) const; // of the first message not below; count() when there is none
    void add(Sequence sequence, std::size_t body_size);
    std::size_t weight() const { return 32 + count(); } // in about eight octets
};

// The pages of one queue.
class QueuePages {
 public:
    QueuePages(QueueId queue, Sequence on_disk_below) : queue_(queue), on_disk_below_(on_disk_below) {}

    // The page that holds `sequence`, or else the next one that begins before `end`; null when there is none. `head`:
    // nothing below it is looked at. May read from disk.
    LivePage* find(const Database& database, const RocksStoreOptions& options, Sequence head, Sequence sequence,
                   Sequence end);

    LivePage& insert(LivePage page);
    void erase(Sequence first); // settled by the group being built
    void erase_from(Sequence first); // and all behind it: nothing of them is to be found any more
    LivePage* at(Sequence first);                // null when it is not here
    void group_finished(std::size_t max_weight); // forgets pages that weigh more, the newest first, except one

    // Whether every live page is here, and no page can be on disk alone.
    bool complete_from(Sequence sequence) const { return sequence >= on_disk_below_; }
    const std::map<Sequence, LivePage>& pages() const { return pages_; }
    std::size_t weight() const { return weight_; }

 private:
    bool erased(Sequence first) const;
    std::optional<LivePage> fetch(const Database& database, const RocksStoreOptions& options, Sequence head,
                                  Sequence sequence, Sequence end) const;

    QueueId queue_;
    Sequence on_disk_below_; // pages with messages below it may be on disk without being in pages_
    std::map<Sequence, LivePage> pages_;
    std::vector<Sequence> erased_; // pages that the database still shows, until the group is written
    std::size_t weight_ = 0;
};

} // namespace storage
