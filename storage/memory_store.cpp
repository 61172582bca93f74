#include "storage/memory_store.hpp"

#include "storage/sequence_range.hpp"

#include <algorithm>
#include <utility>

namespace storage {

MemoryStore::MemoryStore(Completions completions, std::shared_ptr<MemoryDisk> disk)
    : disk_(std::move(disk)),
      completions_(completions) {
    // As on disk: after a stop that was not clean, whatever is left may have been delivered.
    if (!disk_->closed_cleanly)
        for (auto& [id, queue] : disk_->queues)
            if (!queue.messages.empty())
                queue.delivered_up_to = queue.messages.rbegin()->first;
    disk_->closed_cleanly = false;
    epoch_ = ++disk_->epoch;
}

void MemoryStore::recover(RecoveryVisitor& visitor) {
    for (const auto& [shard, records] : disk_->records)
        for (const auto& [key, value] : records)
            visitor.on_record(shard, key, value);
    for (const auto& [id, queue] : disk_->queues) {
        if (queue.messages.empty())
            continue;
        QueueState state{.queue = id,
                         .head = queue.messages.begin()->first,
                         .last = queue.messages.rbegin()->first,
                         .messages = queue.messages.size(),
                         .delivered_up_to = queue.delivered_up_to};
        for (const auto& [sequence, entry] : queue.messages)
            state.body_bytes += entry.message->body_size();
        visitor.on_queue(state);
    }
}

void MemoryStore::commit(const Lease& lease, Batch batch, Completion completion) {
    if (on_commit)
        on_commit(batch);
    Outcome outcome;
    {
        const std::lock_guard lock(mutex_);
        outcome = take_outcome(lease, batch);
    }
    deliver([outcome, completion = std::move(completion)] { completion(outcome); });
}

Outcome MemoryStore::take_outcome(const Lease& lease, Batch& batch) {
    if (lasting_failure_)
        return *lasting_failure_;
    if (lease.epoch != epoch_)
        return Outcome::fenced;
    const auto failure = std::exchange(next_failure_, std::nullopt);
    if (!failure || failure->applied == Applied::yes)
        apply(lease.shard, batch);
    if (!failure)
        return Outcome::durable;
    if (failure->outcome == Outcome::failed || failure->outcome == Outcome::fenced)
        lasting_failure_ = failure->outcome;
    return failure->outcome;
}

void MemoryStore::apply(ShardId shard, Batch& batch) {
    if (batch.number != 0) {
        if (batch.number <= applied_up_to_[shard])
            return;
        applied_up_to_[shard] = batch.number;
    }
    for (auto& [queue, entry] : batch.appends)
        disk_->queues[queue].messages.insert_or_assign(entry.sequence, std::move(entry));
    for (const auto& [queue, first, count, moved] : batch.settles) {
        auto& messages = disk_->queues[queue].messages;
        messages.erase(messages.lower_bound(first), messages.lower_bound(end_of_range(first, count)));
    }
    for (const auto& [queue, sequence, delivery_count] : batch.redeliveries) {
        auto& messages = disk_->queues[queue].messages;
        if (const auto found = messages.find(sequence); found != messages.end()) {
            found->second.redelivered = true;
            found->second.delivery_count = delivery_count;
        }
    }
    for (const auto& [queue, up_to] : batch.delivered)
        disk_->queues[queue].delivered_up_to = std::max(disk_->queues[queue].delivered_up_to, up_to);
    for (const auto& [queue, up_to] : batch.purges) {
        auto& messages = disk_->queues[queue].messages;
        messages.erase(messages.begin(), messages.upper_bound(up_to));
    }
    for (const QueueId queue : batch.removed_queues)
        disk_->queues.erase(queue);
    for (auto& [key, value, erase] : batch.records) {
        if (erase)
            disk_->records[shard].erase(key);
        else
            disk_->records[shard].insert_or_assign(std::move(key), std::move(value));
    }
}

void MemoryStore::read(QueueId queue, Sequence from, std::size_t max_messages, std::size_t max_bytes,
                       PageCompletion completion) {
    Page page;
    {
        const std::lock_guard lock(mutex_);
        page = read_page(queue, from, max_messages, max_bytes);
    }
    deliver([page = std::move(page), completion = std::move(completion)]() mutable { completion(std::move(page)); });
}

Store::Page MemoryStore::read_page(QueueId queue, Sequence from, std::size_t max_messages,
                                   std::size_t max_bytes) const {
    Page page;
    const auto found = disk_->queues.find(queue);
    if (found == disk_->queues.end())
        return page;
    const auto& messages = found->second.messages;
    std::size_t bytes = 0;
    auto next = messages.lower_bound(from);
    while (next != messages.end() && page.messages.size() < max_messages &&
           (page.messages.empty() || bytes < max_bytes)) {
        page.messages.push_back(next->second);
        page.messages.back().redelivered |= next->first <= found->second.delivered_up_to;
        bytes += next->second.message->body_size();
        ++next;
    }
    page.end = next == messages.end();
    return page;
}

void MemoryStore::close() {
    set_completions(Completions::immediate);
    const std::lock_guard lock(mutex_);
    disk_->closed_cleanly = true;
}

void MemoryStore::fail_next(Outcome outcome, Applied applied) {
    const std::lock_guard lock(mutex_);
    next_failure_ = Failure{outcome, applied};
}

void MemoryStore::set_completions(Completions completions) {
    {
        const std::lock_guard lock(mutex_);
        completions_ = completions;
    }
    if (completions == Completions::immediate)
        run_completions();
}

void MemoryStore::deliver(std::function<void()> event) {
    {
        const std::lock_guard lock(mutex_);
        if (completions_ == Completions::manual) {
            events_.push_back(std::move(event));
            return;
        }
    }
    event();
}

std::size_t MemoryStore::run_completions(std::size_t at_most) {
    std::size_t ran = 0;
    for (; ran < at_most; ++ran) {
        std::function<void()> event;
        {
            const std::lock_guard lock(mutex_);
            if (events_.empty())
                break;
            event = std::move(events_.front());
            events_.pop_front();
        }
        event();
    }
    return ran;
}

std::vector<StoredMessage> MemoryStore::messages(QueueId queue) const {
    const std::lock_guard lock(mutex_);
    return read_page(queue, 0, SIZE_MAX, SIZE_MAX).messages;
}

std::optional<std::string> MemoryStore::record(ShardId shard, const RecordKey& key) const {
    const std::lock_guard lock(mutex_);
    const auto records = disk_->records.find(shard);
    if (records == disk_->records.end())
        return std::nullopt;
    const auto found = records->second.find(key);
    return found == records->second.end() ? std::nullopt : std::optional(found->second);
}

} // namespace storage
