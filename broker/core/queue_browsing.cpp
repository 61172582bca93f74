// Queue: being looked at, and giving up messages from its middle. What is only in the store stays there while it is
// looked at, and is counted out of the disk range when it is taken.
#include "broker/core/queue.hpp"

#include <algorithm>
#include <utility>

namespace broker {

BrowsedSlice Queue::browse(Place after, std::size_t max) const {
    BrowsedSlice slice;
    slice.queue = definition_.id;
    slice.by_priority = has_priorities();
    slice.revision = disk_.revision;
    slice.newest = next_sequence_ - 1;
    slice.ready = ready();
    slice.next = after;
    slice.end = true;
    const bool more_on_disk = disk_.messages > 0;
    std::size_t visited = 0;
    list_.for_each_behind(after, [&](int level, const ReadyMessage& message) {
        const bool disk_comes_first = more_on_disk && !has_priorities() && message.sequence >= disk_.next;
        slice.end = visited < max && !disk_comes_first;
        if (!slice.end) {
            return false;
        }
        ++visited;
        slice.next = {level, message.sequence};
        if (!has_expired(message)) {
            slice.messages.push_back({message, false, level});
        }
        return true;
    });
    if (more_on_disk) {
        slice.end = false;
        if (visited == 0) {
            const bool among_stored = !has_priorities() || after.level == Place::behind_all_levels;
            slice.read_from = std::max(among_stored ? after.sequence + 1 : 0, disk_.next);
        }
    }
    return slice;
}

// By number, as on disk; a queue with priorities has its messages on disk behind all others. What came into memory
// while the page was read is taken from there.
void Queue::add_page(BrowsedSlice& slice, storage::Store::Page page, std::size_t max) const {
    const Place after = slice.next;
    const int level = has_priorities() ? Place::behind_all_levels : 0;
    const bool last = page.end || !page.ok;
    storage::Sequence up_to = last || page.messages.empty() ? slice.newest : page.messages.back().sequence;
    if (!has_priorities()) {
        list_.for_each_behind(after, [&](int, const ReadyMessage& message) {
            if (message.sequence > up_to) {
                return false;
            }
            if (slice.messages.size() == max) {
                up_to = slice.messages.back().ready.sequence;
                return false;
            }
            if (!has_expired(message)) {
                slice.messages.push_back({message, false});
            }
            return true;
        });
    }
    const auto in_memory = static_cast<std::ptrdiff_t>(slice.messages.size());
    for (storage::StoredMessage& stored : page.messages) {
        if (disk_.messages == 0 || stored.sequence < disk_.next || stored.sequence > up_to || is_left_over(stored)) {
            continue;
        }
        ReadyMessage ready{stored.sequence, std::move(stored.message), stored.expires_at_ms, stored.delivery_count,
                           stored.redelivered};
        if (!has_expired(ready)) {
            slice.messages.push_back({std::move(ready), true, level});
        }
    }
    std::inplace_merge(
        slice.messages.begin(), slice.messages.begin() + in_memory, slice.messages.end(),
        [](const BrowsedMessage& a, const BrowsedMessage& b) { return a.ready.sequence < b.ready.sequence; });
    slice.next = {level, up_to};
    slice.end = up_to >= slice.newest;
    slice.read_from.reset();
}

bool Queue::holds(const BrowsedMessage& seen) const {
    const ReadyMessage& ready = seen.ready;
    return list_.contains(ready.sequence, ready.message->priority()) ||
           (seen.only_stored && disk_.messages > 0 && ready.sequence >= disk_.next);
}

void Queue::withdraw(const BrowsedMessage& seen) {
    const ReadyMessage& ready = seen.ready;
    forget(ready.sequence);
    if (list_.take(ready.sequence, ready.message->priority())) {
        return;
    }
    const std::uint64_t body_size = ready.message->body_size();
    disk_.messages -= std::min<std::uint64_t>(disk_.messages, 1);
    disk_.body_bytes -= std::min(disk_.body_bytes, body_size);
    disk_.withdrawn = true;
    if (disk_.reading) {
        disk_.not_in_page.insert(ready.sequence);
        if (ready.sequence >= disk_.added_from) {
            --disk_.added;
            disk_.bytes_added -= body_size;
        }
    }
}

std::uint64_t Queue::end_withdrawal() {
    disk_.revision += std::exchange(disk_.withdrawn, false) ? 1 : 0;
    note_activity();
    note_waiting();
    if (!slowed_publishers.empty() && list_.size() < relief_messages) {
        host_.resume_publishers(*this);
    }
    return disk_.revision;
}

bool Queue::would_refuse(const amqp::Message& message) const {
    return limit_.set() && limit_.refuses(ready() + 1, ready_bytes() + message.body_size());
}

amqp::Result<> Queue::change(amqp::FieldTable arguments, QueueOptions options) {
    constexpr std::size_t most_to_sort = 10'000; // in one hold of the strand
    if (options.max_priority != definition_.options.max_priority) {
        if (disk_.messages > 0 || list_.size() > most_to_sort) {
            return amqp::precondition_failed("x-max-priority can be changed while at most 10000 messages are ready, "
                                             "all of them in memory");
        }
        list_.set_max_priority(options.max_priority);
    }
    definition_.arguments = std::move(arguments);
    definition_.options = std::move(options);
    apply(policies_);
    return {};
}

} // namespace broker
