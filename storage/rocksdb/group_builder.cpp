#include "storage/rocksdb/group_builder.hpp"

#include "protocol/assert.hpp"
#include "storage/byte_codec.hpp"
#include "storage/sequence_range.hpp"

#include <algorithm>

namespace storage {
namespace {

constexpr std::size_t max_queue_weight = 64 * 1024;       // about half a megabyte of page index per queue,
constexpr std::size_t max_total_weight = 8 * 1024 * 1024; // 64 MiB in all
constexpr std::size_t few_pages = 64; // are deleted one by one: every reader pays for a range tombstone
constexpr std::size_t max_kept_batch_bytes = 16 << 20;

// Order in time, for binary searches in what the group appends.
constexpr auto is_before = [](const auto& pending, Sequence sequence) { return pending.entry.sequence < sequence; };

// A message less. Counts read from disk are not trusted so far as to wrap around.
void forget(QueueState& state, std::size_t body_size) {
    state.messages -= std::min<std::uint64_t>(state.messages, 1);
    state.body_bytes -= std::min<std::uint64_t>(state.body_bytes, body_size);
}

} // namespace

GroupBuilder::GroupBuilder(const Database& database, const RocksStoreOptions& options, std::uint64_t epoch,
                           const std::vector<QueueState>& recovered)
    : database_(database),
      options_(options),
      epoch_(epoch) {
    for (const QueueState& state : recovered)
        queues_.try_emplace(state.queue, state, state.last + 1).first->second.has_row = true;
}

GroupBuilder::Queue* GroupBuilder::find(QueueId id) {
    const auto found = queues_.find(id);
    if (found == queues_.end() || found->second.removed)
        return nullptr;
    touch(found->second);
    return &found->second;
}

GroupBuilder::Queue& GroupBuilder::find_or_add(QueueId id, Sequence first) {
    const auto found = queues_.try_emplace(id, QueueState{.queue = id, .head = first}, 0).first;
    LEVERET_ASSERT(!found->second.removed); // ids are never used again
    touch(found->second);
    return found->second;
}

void GroupBuilder::touch(Queue& queue) {
    if (!queue.touched)
        touched_.push_back(queue.state.queue);
    queue.touched = true;
}

void GroupBuilder::add(ShardId shard, Batch batch) {
    for (auto& each : batch.appends)
        append(each);
    for (const auto& [id, first, count] : batch.settles)
        if (Queue* queue = find(id))
            settle(*queue, first, end_of_range(first, count));
    for (const auto& [id, sequence, delivery_count] : batch.redeliveries)
        if (Queue* queue = find(id))
            redeliver(*queue, sequence, delivery_count);
    for (const auto& [id, up_to] : batch.delivered)
        if (Queue* queue = find(id))
            queue->state.delivered_up_to = std::max(queue->state.delivered_up_to, up_to);
    for (const auto& [id, up_to] : batch.purges)
        if (Queue* queue = find(id))
            settle(*queue, 0, end_of_range(up_to, 1));
    for (const QueueId id : batch.removed_queues)
        if (Queue* queue = find(id)) {
            drop_everything(*queue);
            queue->removed = true;
        }
    for (const auto& record : batch.records)
        put_record(shard, record);
    if (batch.number != 0)
        batch_numbers_[shard] = batch.number;
}

void GroupBuilder::append(Batch::Append& append) {
    const Sequence sequence = append.entry.sequence;
    Queue& queue = find_or_add(append.queue, sequence);
    LEVERET_ASSERT(sequence > queue.state.last);
    queue.state.last = sequence;
    queue.state.messages += 1;
    queue.state.body_bytes += append.entry.message->body_size();
    queue.pending.push_back({std::move(append.entry)});
}

void GroupBuilder::settle(Queue& queue, Sequence first, Sequence end) {
    if (first <= queue.state.head && end > queue.state.last) {
        drop_everything(queue);
        return;
    }
    settle_pending(queue, first, end);
    const Sequence end_on_disk = queue.pending.empty() ? end : std::min(end, queue.pending.front().entry.sequence);
    if (queue.has_row)
        settle_pages(queue, first, end_on_disk);
}

void GroupBuilder::settle_pending(Queue& queue, Sequence first, Sequence end) {
    auto pending = std::lower_bound(queue.pending.begin(), queue.pending.end(), first, is_before);
    for (; pending != queue.pending.end() && pending->entry.sequence < end; ++pending) {
        if (pending->gone)
            continue;
        pending->gone = true;
        forget(queue.state, pending->entry.message->body_size());
        pending->entry.message.reset();
    }
}

void GroupBuilder::settle_pages(Queue& queue, Sequence first, Sequence end) {
    Sequence next = first;
    while (LivePage* page = queue.pages.find(database_, options_, queue.state.head, next, end)) {
        next = page->last() + 1;
        settle_messages(queue, *page, first, end);
        if (page->settled == page->count())
            drop_page(queue, *page);
        if (next >= end)
            break;
    }
}

void GroupBuilder::settle_messages(Queue& queue, LivePage& page, Sequence first, Sequence end) {
    if (page.acks.settled.empty())
        page.acks.settled.resize(page.count());
    for (std::size_t i = page.index_from(first); i < page.count() && page.sequence(i) < end; ++i) {
        if (page.acks.settled[i])
            continue;
        page.acks.settled[i] = true;
        page.acks.redelivered.erase(static_cast<std::uint32_t>(i));
        page.settled += 1;
        forget(queue.state, page.sizes[i]);
        mark_changed(queue, page);
    }
}

void GroupBuilder::mark_changed(Queue& queue, LivePage& page) {
    if (!page.changed)
        queue.changed_pages.push_back(page.first);
    page.changed = true;
}

void GroupBuilder::drop_page(Queue& queue, const LivePage& page) {
    const PageKey key{queue.state.queue, page.first};
    writes_.SingleDelete(database_.family(Family::pages), encode_key(key));
    if (page.has_ack_row)
        writes_.Delete(database_.family(Family::acks), encode_key(key));
    const Sequence after = page.last() + 1;
    const bool was_head = page.first <= queue.state.head;
    queue.pages.erase(page.first);
    if (!was_head)
        return;
    queue.state.head = after;
    const auto next = queue.pages.pages().lower_bound(after);
    if (queue.pages.complete_from(after) && next != queue.pages.pages().end())
        queue.state.head = next->first;
}

void GroupBuilder::drop_everything(Queue& queue) {
    settle_pending(queue, 0, end_of_range(queue.state.last, 1));
    QueueState& state = queue.state;
    const auto& pages = queue.pages.pages();
    if (queue.has_row && queue.pages.complete_from(state.head) && pages.size() <= few_pages) {
        while (!pages.empty())
            drop_page(queue, pages.begin()->second);
    } else if (queue.has_row) {
        const std::string first = encode_key(PageKey{state.queue, state.head});
        const std::string end = encode_key(PageKey{state.queue, state.last + 1});
        writes_.DeleteRange(database_.family(Family::pages), first, end);
        writes_.DeleteRange(database_.family(Family::acks), first, end);
    }
    queue.pages.erase_all();
    state.head = state.last + 1;
    state.messages = 0;
    state.body_bytes = 0;
}

void GroupBuilder::redeliver(Queue& queue, Sequence sequence, std::uint32_t delivery_count) {
    const auto pending = std::lower_bound(queue.pending.begin(), queue.pending.end(), sequence, is_before);
    if (pending != queue.pending.end() && pending->entry.sequence == sequence) {
        pending->entry.redelivered = true;
        pending->entry.delivery_count = delivery_count;
        return;
    }
    if (!queue.has_row)
        return;
    LivePage* page = queue.pages.find(database_, options_, queue.state.head, sequence, sequence + 1);
    if (page == nullptr)
        return;
    const std::size_t index = page->index_from(sequence);
    if (index == page->count() || page->sequence(index) != sequence || page->acks.is_settled(index))
        return;
    page->acks.redelivered[static_cast<std::uint32_t>(index)] = delivery_count;
    mark_changed(queue, *page);
}

void GroupBuilder::put_record(ShardId shard, const Batch::Record& record) {
    const std::string key = encode_key(shard, record.key);
    if (record.erase)
        writes_.Delete(database_.family(Family::records), key);
    else
        writes_.Put(database_.family(Family::records), key, record.value);
}

rocksdb::WriteBatch& GroupBuilder::finish() {
    for (const QueueId id : touched_)
        finish_queue(id);
    if (writes_.Count() > 0)
        for (const auto& [shard, number] : batch_numbers_) {
            std::string row;
            put_little_endian(row, epoch_);
            put_little_endian(row, number);
            writes_.Put(database_.family(Family::node), encode_shard_row_key(shard), row);
        }
    return writes_;
}

void GroupBuilder::finish_queue(QueueId id) {
    Queue& queue = queues_.find(id)->second;
    write_pages(queue);
    write_ack_rows(queue);
    const bool empty = queue.state.messages == 0;
    if (!empty)
        writes_.Put(database_.family(Family::queues), encode_key(id), encode_queue_row(queue.state));
    else if (queue.has_row)
        writes_.Delete(database_.family(Family::queues), encode_key(id));

    total_weight_ -= queue.counted_weight;
    if (empty) {
        queues_.erase(id);
        return;
    }
    queue.has_row = true;
    queue.touched = false;
    queue.pages.group_finished(total_weight_ < max_total_weight ? max_queue_weight : 0);
    queue.counted_weight = queue.pages.weight();
    total_weight_ += queue.counted_weight;
}

void GroupBuilder::write_pages(Queue& queue) {
    live_.clear();
    for (const Pending& pending : queue.pending)
        if (!pending.gone)
            live_.push_back(&pending.entry);
    for (std::span<const StoredMessage* const> rest = live_; !rest.empty();) {
        const std::size_t count = next_page_size(rest);
        write_page(queue, rest.first(count));
        rest = rest.subspan(count);
    }
    queue.pending.clear();
}

void GroupBuilder::write_page(Queue& queue, std::span<const StoredMessage* const> entries) {
    const PageKey key{queue.state.queue, entries.front()->sequence};
    slices_.clear();
    for (const std::string_view piece : encoder_.encode(key, entries))
        slices_.push_back(slice(piece));
    const std::string encoded_key = encode_key(key);
    const rocksdb::Slice key_slice(encoded_key);
    writes_.Put(database_.family(Family::pages), rocksdb::SliceParts(&key_slice, 1),
                rocksdb::SliceParts(slices_.data(), static_cast<int>(slices_.size())));
    LivePage page;
    page.first = key.first;
    for (const StoredMessage* entry : entries)
        page.add(entry->sequence, entry->message->body_size());
    queue.pages.insert(std::move(page));
}

void GroupBuilder::write_ack_rows(Queue& queue) {
    for (const Sequence first : queue.changed_pages) {
        LivePage* page = queue.pages.at(first);
        if (page == nullptr || !page->changed)
            continue;
        const PageKey key{queue.state.queue, first};
        writes_.Put(database_.family(Family::acks), encode_key(key), encode_ack_row(key, page->count(), page->acks));
        page->has_ack_row = true;
        page->changed = false;
    }
    queue.changed_pages.clear();
}

void GroupBuilder::written() {
    touched_.clear();
    batch_numbers_.clear();
    if (writes_.GetDataSize() > max_kept_batch_bytes)
        writes_ = rocksdb::WriteBatch();
    else
        writes_.Clear();
}

} // namespace storage
