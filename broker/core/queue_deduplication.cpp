#include "broker/core/queue_deduplication.hpp"

#include "broker/core/message_content.hpp"

namespace broker {

std::optional<QueueDeduplication::Key> QueueDeduplication::key_of(const amqp::Message& message) {
    MessageContent content(message);
    const amqp::FieldValue* value = content.header(DeduplicationCache::header);
    return value != nullptr ? std::optional(DeduplicationCache::key_of(*value)) : std::nullopt;
}

void QueueDeduplication::add(Key key, storage::Sequence sequence) {
    if (by_key_.contains(key) || !by_sequence_.try_emplace(sequence, key).second) {
        return;
    }
    by_key_[key] = sequence;
    if (by_sequence_.size() > max_remembered) {
        forget(by_sequence_.begin()->first);
    }
}

void QueueDeduplication::forget(storage::Sequence first, std::uint64_t count) {
    auto known = by_sequence_.lower_bound(first);
    while (known != by_sequence_.end() && known->first - first < count) {
        by_key_.erase(known->second);
        known = by_sequence_.erase(known);
    }
}

} // namespace broker
