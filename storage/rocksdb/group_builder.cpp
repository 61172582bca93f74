#include "storage/rocksdb/group_builder.hpp"

#include "protocol/assert.hpp"
#include "storage/byte_codec.hpp"
#include "storage/sequence_range.hpp"

#include <algorithm>

namespace storage {
namespace {

constexpr std::size_t bulk_messages = 256;    // for one queue in one group: a page of their own is not dearer,
constexpr std::size_t bulk_bytes = 64 * 1024; // and they do not push younger messages of others out of the log
constexpr std::size_t max_kept_batch_bytes = 16 << 20;

} // namespace

GroupBuilder::GroupBuilder(const Database& database, const RocksStoreOptions& options, std::uint64_t epoch,
                           const std::vector<QueueState>& paged)
    : database_(database),
      options_(options),
      epoch_(epoch),
      log_(database, epoch),
      pages_(database, options, writes_) {
    for (const QueueState& state : paged)
        queues_.try_emplace(state.queue, state, true);
    replay_log();
}

GroupBuilder::Queue* GroupBuilder::find(QueueId id) {
    const auto found = queues_.find(id);
    if (found == queues_.end() || found->second.removed)
        return nullptr;
    touch(found->second);
    return &found->second;
}

GroupBuilder::Queue& GroupBuilder::find_or_add(QueueId id) {
    Queue& queue = queues_.try_emplace(id, QueueState{.queue = id}, false).first->second;
    LEVERET_ASSERT(!queue.removed); // ids are never used again
    touch(queue);
    return queue;
}

void GroupBuilder::touch(Queue& queue) {
    if (!queue.touched)
        touched_.push_back(&queue);
    queue.touched = true;
}

std::size_t GroupBuilder::add(ShardId shard, Batch batch) {
    awaited_.push_back(static_cast<std::uint32_t>(batch.appends.size()));
    for (auto& each : batch.appends)
        append(each);
    for (const auto& [id, first, count, moved] : batch.settles)
        if (Queue* queue = find(id))
            settle(*queue, first, end_of_range(first, count), moved);
    for (const auto& [id, sequence, delivery_count] : batch.redeliveries)
        if (Queue* queue = find(id))
            redeliver(*queue, sequence, delivery_count);
    for (const auto& [id, up_to] : batch.delivered)
        if (Queue* queue = find(id))
            deliver(*queue, up_to);
    for (const auto& [id, up_to] : batch.purges)
        if (Queue* queue = find(id))
            settle(*queue, 0, end_of_range(up_to, 1));
    for (const QueueId id : batch.removed_queues)
        if (Queue* queue = find(id)) {
            settle(*queue, 0, end_of_range(queue->last, 1));
            queue->removed = true;
        }
    for (const auto& record : batch.records)
        put_record(shard, record);
    if (batch.number != 0)
        batch_numbers_[shard] = batch.number;
    return awaited_.size() - 1;
}

void GroupBuilder::append(Batch::Append& append) {
    Queue& queue = find_or_add(append.queue);
    LEVERET_ASSERT(append.entry.sequence > queue.last);
    queue.last = append.entry.sequence;
    appended_ += 1;
    queue.new_left += 1;
    count_new(queue, *append.entry.message);
    log_.append(append.queue, append.entry, queue.young);
    queue.young.push(std::move(append.entry), log_.current(), static_cast<std::uint32_t>(awaited_.size() - 1));
    note_behind(queue);
}

void GroupBuilder::note_behind(Queue& queue) {
    const bool behind = queue.new_left > 0 && queue.older() > queue.new_left;
    if (behind != queue.behind)
        behind ? ++behind_ : --behind_;
    queue.behind = behind;
}

// A message for several queues comes to them one after the other, and is in the log once: it is nobody's bulk.
void GroupBuilder::count_new(Queue& queue, const amqp::Message& message) {
    const std::size_t size = text_size(message);
    if (&message != last_message_) {
        queue.new_messages += 1;
        queue.new_bytes += size;
        appended_bytes_ += size;
        only_queue_ = &queue;
    } else if (only_queue_ != nullptr) {
        only_queue_->new_messages -= 1;
        only_queue_->new_bytes -= size;
        only_queue_ = nullptr;
    }
    last_message_ = &message;
}

void GroupBuilder::settle(Queue& queue, Sequence first, Sequence end, bool moved) {
    const QueueId its_id = id(queue);
    queue.young.take(first, end, [&](const YoungMessage& message) {
        if (message.log == log_.current()) {
            elided_ += 1;
            queue.new_left -= 1;
            awaited_[message.batch] -= moved ? 0 : 1;
        }
        log_.leave(its_id, message);
    });
    pages_.settle(queue.paged, first, end);
    note_behind(queue);
}

void GroupBuilder::redeliver(Queue& queue, Sequence sequence, std::uint32_t delivery_count) {
    if (YoungMessage* message = queue.young.find(sequence)) {
        message->entry.redelivered = true;
        message->entry.delivery_count = delivery_count;
        log_.redeliver(id(queue), *message);
        return;
    }
    pages_.redeliver(queue.paged, sequence, delivery_count);
}

void GroupBuilder::deliver(Queue& queue, Sequence up_to) {
    pages_.deliver(queue.paged, up_to);
    if (!queue.young.empty() && queue.young.first() <= up_to)
        log_.deliver(id(queue), up_to, queue.young);
}

void GroupBuilder::put_record(ShardId shard, const Batch::Record& record) {
    const std::string key = encode_key(shard, record.key);
    if (record.erase)
        writes_.Delete(database_.family(Family::records), key);
    else
        writes_.Put(database_.family(Family::records), key, record.value);
}

rocksdb::WriteBatch& GroupBuilder::finish() {
    move_bulk();
    move_oldest();
    log_.write(writes_);
    for (Queue* queue : touched_)
        finish_queue(*queue);
    if (writes_.Count() > 0)
        for (const auto& [shard, number] : batch_numbers_) {
            std::string row;
            put_little_endian(row, epoch_);
            put_little_endian(row, number);
            writes_.Put(database_.family(Family::node), encode_shard_row_key(shard), row);
        }
    return writes_;
}

void GroupBuilder::move_bulk() {
    for (Queue* queue : touched_) {
        const bool bulk = queue->new_messages >= bulk_messages || queue->new_bytes >= bulk_bytes;
        // Older young ones go along: not many of them, or a burst writes again what is soon settled.
        const bool mostly_new = queue->young.size() <= 2 * queue->new_messages;
        if ((bulk && mostly_new) || options_.commit_log_bytes == 0)
            move_to_pages(*queue, SIZE_MAX);
    }
}

// Somewhat more than came, so that a full log gets emptier, in steps that no confirm waits long for. A queue whose turn
// has come goes as a whole, over several groups: then what comes for it in bulk goes to pages at once.
void GroupBuilder::move_oldest() {
    const std::size_t enough = std::max(options_.commit_log_bytes / 256, 2 * appended_bytes_);
    log_.drop_settled_values(writes_);
    for (std::size_t moved = 0; moved < enough; log_.drop_settled_values(writes_)) {
        Queue* leaving = leaving_ != 0 ? find(leaving_) : nullptr;
        if (leaving != nullptr && !leaving->young.empty()) {
            moved += move_to_pages(*leaving, enough - moved);
            continue;
        }
        leaving_ = 0;
        if (log_.weight() <= options_.commit_log_bytes)
            return;
        Queue* next = find(log_.next_queue_of_oldest());
        if (next != nullptr && !next->young.empty() && next->young.oldest_log() == log_.oldest())
            leaving_ = id(*next);
    }
}

// The oldest ones; how many octets.
std::size_t GroupBuilder::move_to_pages(Queue& queue, std::size_t about) {
    std::size_t bytes = 0;
    Sequence end = 0;
    queue.young.for_each_from(0, [&](const YoungMessage& message) {
        end = end_of_range(message.entry.sequence, 1);
        bytes += text_size(*message.entry.message);
        return bytes < about;
    });
    if (end == 0)
        return 0; // there is none
    moved_.clear();
    moved_pointers_.clear();
    queue.young.take(0, end, [&](const YoungMessage& message) {
        log_.leave(id(queue), message);
        moved_.push_back(message.entry);
    });
    for (const StoredMessage& message : moved_)
        moved_pointers_.push_back(&message);
    pages_.append(queue.paged, moved_pointers_);
    return bytes;
}

void GroupBuilder::finish_queue(Queue& queue) {
    pages_.finish(queue.paged);
    if (queue.young.empty() && queue.paged.empty()) {
        queues_.erase(id(queue));
        return;
    }
    queue.touched = false;
    queue.behind = false;
    queue.new_left = 0;
    queue.new_messages = 0;
    queue.new_bytes = 0;
}

std::vector<DeadRange> GroupBuilder::written() {
    touched_.clear();
    batch_numbers_.clear();
    awaited_.clear();
    appended_ = 0;
    elided_ = 0;
    behind_ = 0;
    appended_bytes_ = 0;
    last_message_ = nullptr;
    only_queue_ = nullptr;
    moved_.clear();
    if (writes_.GetDataSize() > max_kept_batch_bytes)
        writes_ = rocksdb::WriteBatch();
    else
        writes_.Clear();

    std::vector<DeadRange> dead;
    if (frees_space()) {
        dead = pages_.take_drained();
        dead.push_back({Family::log, encode_key(std::uint64_t{0}), encode_key(log_.oldest())});
        log_.forget_dropped();
    }
    return dead;
}

bool GroupBuilder::frees_space() const {
    return log_.dropped_bytes() + pages_.drained_bytes() > options_.page_memtable_bytes / 2;
}

GroupBuilder::View GroupBuilder::view(QueueId queue, Sequence from, std::size_t max_messages,
                                      std::size_t max_bytes) const {
    View result;
    result.paged.queue = queue;
    const auto found = queues_.find(queue);
    if (found == queues_.end())
        return result;
    result.paged = found->second.paged.state;
    std::size_t bytes = 0;
    found->second.young.for_each_from(from, [&](const YoungMessage& message) {
        result.more = !result.young.empty() && (result.young.size() >= max_messages || bytes >= max_bytes);
        if (result.more)
            return false;
        bytes += message.entry.message->body_size();
        result.young.push_back(message.entry);
        return true;
    });
    return result;
}

} // namespace storage
