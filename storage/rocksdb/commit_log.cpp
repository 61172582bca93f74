#include "storage/rocksdb/commit_log.hpp"

#include "protocol/assert.hpp"
#include "storage/rocksdb/key_codec.hpp"

#include <algorithm>

namespace storage {
namespace {

constexpr std::size_t weight_of_message = 128; // in memory, beside its text

} // namespace

// Numbers follow each other but where an epoch ended, which is some way back.
CommitLog::Value& CommitLog::value(LogNumber number) {
    LEVERET_ASSERT(!values_.empty() && number <= values_.back().number);
    const LogNumber from_back = values_.back().number - number;
    if (from_back < values_.size()) {
        Value& guess = values_[values_.size() - 1 - from_back];
        if (guess.number == number)
            return guess;
    }
    const auto found = std::lower_bound(values_.begin(), values_.end(), number,
                                        [](const Value& each, LogNumber wanted) { return each.number < wanted; });
    LEVERET_ASSERT(found != values_.end() && found->number == number);
    return *found;
}

bool CommitLog::still_needed(const Change& change) const {
    if (change.kind == LogChangeKind::delivered)
        return !change.young->empty() && change.young->first() <= change.sequence;
    return change.log >= oldest();
}

void CommitLog::append(QueueId queue, const StoredMessage& entry, const YoungMessages& young) {
    if (fresh_.empty())
        base_time_ms_ = entry.published_at_ms;
    fresh_.push_back({queue, entry.sequence, &young});
}

void CommitLog::leave(QueueId queue, const YoungMessage& message) {
    if (message.log == next_)
        return; // never gets there
    value(message.log).live -= 1;
    const Sequence sequence = message.entry.sequence;
    if (!changes_.empty()) {
        Change& last = changes_.back();
        if (last.kind == LogChangeKind::settled && last.queue == queue && last.sequence + last.count == sequence) {
            last.count += 1;
            last.log = message.log;
            return;
        }
    }
    changes_.push_back({LogChangeKind::settled, queue, sequence, 1, message.log});
}

void CommitLog::redeliver(QueueId queue, const YoungMessage& message) {
    if (message.log != next_)
        changes_.push_back(
            {LogChangeKind::redelivered, queue, message.entry.sequence, message.entry.delivery_count, message.log});
}

void CommitLog::deliver(QueueId queue, Sequence up_to, const YoungMessages& young) {
    changes_.push_back({LogChangeKind::delivered, queue, up_to, 0, next_, &young});
}

void CommitLog::drop_settled_values(rocksdb::WriteBatch& writes) {
    while (!values_.empty() && values_.front().live == 0) {
        writes.SingleDelete(database_.family(Family::log), encode_key(values_.front().number));
        weight_ -= values_.front().weight;
        dropped_bytes_ += values_.front().weight;
        values_.pop_front();
    }
}

QueueId CommitLog::next_queue_of_oldest() {
    Value& oldest = values_.front();
    LEVERET_ASSERT(oldest.next_queue < oldest.queues.size());
    return oldest.queues[oldest.next_queue++];
}

void CommitLog::encode(const Change& change) {
    switch (change.kind) {
    case LogChangeKind::settled:
        return encoder_.settled(change.queue, change.sequence, change.count);
    case LogChangeKind::redelivered:
        return encoder_.redelivered(change.queue, change.sequence, static_cast<std::uint32_t>(change.count));
    case LogChangeKind::delivered:
        return encoder_.delivered(change.queue, change.sequence);
    case LogChangeKind::append:
        break;
    }
    LEVERET_UNREACHABLE("no such log");
}

void CommitLog::add_message(Value& value, QueueId queue) {
    value.live += 1;
    value.weight += weight_of_message;
    if (value.queues.empty() || value.queues.back() != queue)
        value.queues.push_back(queue);
}

void CommitLog::encode(Value& value, QueueId queue, const StoredMessage& entry) {
    encoder_.append(queue, entry);
    add_message(value, queue);
}

void CommitLog::write(rocksdb::WriteBatch& writes) {
    drop_settled_values(writes);
    encoder_.begin(next_, base_time_ms_);
    for (const Change& change : changes_)
        if (still_needed(change))
            encode(change);
    Value value;
    value.number = next_;
    for (const Fresh& fresh : fresh_)
        if (const YoungMessage* message = fresh.young->find(fresh.sequence))
            encode(value, fresh.queue, message->entry);
    put(writes, std::move(value));
}

void CommitLog::put(rocksdb::WriteBatch& writes, Value value) {
    changes_.clear();
    fresh_.clear();
    if (encoder_.empty())
        return;
    value.weight += encoder_.size();
    slices_.clear();
    for (const std::string_view piece : encoder_.finish())
        slices_.push_back(slice(piece));
    const std::string key = encode_key(value.number);
    const rocksdb::Slice key_slice(key);
    writes.Put(database_.family(Family::log), rocksdb::SliceParts(&key_slice, 1),
               rocksdb::SliceParts(slices_.data(), static_cast<int>(slices_.size())));
    weight_ += value.weight;
    values_.push_back(std::move(value));
    ++next_;
}

void CommitLog::recovered(LogNumber number, std::size_t size) {
    Value value;
    value.number = number;
    value.weight = size;
    values_.push_back(std::move(value));
    weight_ += size;
}

void CommitLog::recovered_message(LogNumber number, QueueId queue) {
    Value& its = value(number);
    const std::size_t before = its.weight;
    add_message(its, queue);
    weight_ += its.weight - before;
}

} // namespace storage
