// What a queue with x-message-deduplication knows of the messages that it holds: the values of their
// x-deduplication-header, by which it drops a message whose value one has that is still here, ready or unacknowledged.
//
// Owned by a Queue, on the strand. In memory, as in the plugin: about 100 octets a message, and of at most so many
// messages as max_remembered says; of more the oldest are forgotten. After a restart a message is known again once it
// has been read back.
#pragma once

#include "broker/core/deduplication_cache.hpp"
#include "storage/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <map>
#include <optional>

namespace broker {

class QueueDeduplication {
 public:
    using Key = DeduplicationCache::Key;
    static constexpr std::size_t max_remembered = 1 << 20;

    static std::optional<Key> key_of(const amqp::Message& message); // nothing: it has no such header

    bool contains(Key key) const { return by_key_.contains(key); }
    std::size_t size() const { return by_sequence_.size(); }
    void add(Key key, storage::Sequence sequence); // does nothing if the value or the message is known
    void forget(storage::Sequence sequence) { forget(sequence, 1); }
    void forget(storage::Sequence first, std::uint64_t count);

 private:
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept { return key.low; }
    };
    std::map<storage::Sequence, Key> by_sequence_; // the oldest first
    boost::unordered_flat_map<Key, storage::Sequence, KeyHash> by_key_;
};

} // namespace broker
