// The values of x-deduplication-header that were seen before: what an x-message-deduplication exchange remembers. Takes
// in at most as many as it was declared with, and then forgets the oldest; a value may be forgotten earlier by its time
// to live. Values are kept as 128 bits of hash, so an entry weighs about 100 octets whatever its value; nothing is
// allocated before it is used.
//
// Owned by an Exchange, on its virtual host's strand.
#pragma once

#include "protocol/error.hpp"
#include "protocol/field_table.hpp"
#include "storage/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string_view>

namespace broker {

class DeduplicationCache {
 public:
    static constexpr std::string_view type = "x-message-deduplication";
    static constexpr std::string_view header = "x-deduplication-header";
    static constexpr std::string_view ttl_header = "x-cache-ttl";

    struct Key {
        std::uint64_t high = 0, low = 0;
        bool operator==(const Key&) const = default;
    };
    static Key key_of(const amqp::FieldValue& value);

    static amqp::Result<> validate_arguments(const amqp::FieldTable& arguments);
    explicit DeduplicationCache(const amqp::FieldTable& arguments); // validated

    bool on_disk() const { return on_disk_; } // [x-cache-persistence]; of a durable exchange only
    std::size_t size() const { return entries_.size(); }

    struct Entry {
        Key key;
        std::int64_t expires_at_ms = 0; // never: storage::StoredMessage::no_expiry
        storage::Sequence sequence = 0; // its place in the store; 0: none
    };
    bool contains(Key key, std::int64_t now_ms) const;
    // For a value that is not there. `ttl` is the message's own x-cache-ttl; null: the exchange's.
    Entry& add(Key key, std::int64_t now_ms, const amqp::FieldValue* ttl);
    void recover(Entry entry) { insert(entry); }
    // The next entry that has no place any more, in the cache or in time; nothing if there is none.
    std::optional<Entry> forget_one(std::int64_t now_ms);

 private:
    struct KeyHash {
        std::size_t operator()(const Key& key) const noexcept { return key.low; }
    };
    using Entries = std::list<Entry>; // the oldest first

    Entry& insert(const Entry& entry);

    std::uint64_t capacity_;
    std::optional<std::int64_t> ttl_ms_;
    bool on_disk_;
    Entries entries_;
    boost::unordered_flat_map<Key, Entries::iterator, KeyHash> by_key_;
};

} // namespace broker
