// The first tier: one value per commit group with the new messages of all queues that got few, a message for several
// queues once, and with what happened to messages of earlier values. A window over what was written last: values go
// from the oldest on, when none of their messages is left; what outlives the window is moved to pages. Knows values and
// their numbers; the messages are in each queue's YoungMessages. Owned by GroupBuilder, on the commit thread alone.
//
// That values go in order only is what keeps them simple: a change never stands in an older value than the message that
// it is about, so it is never needed longer than that, and never lost earlier.
#pragma once

#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/young_messages.hpp"

#include <deque>
#include <vector>

namespace storage {

class CommitLog {
 public:
    CommitLog(const Database& database, std::uint64_t epoch) : database_(database), next_(first_sequence(epoch)) {}

    LogNumber current() const { return next_; }    // of the group being built
    std::size_t weight() const { return weight_; } // of all values, about what they take of memory

    // What the group does, in order. `young` are those of the queue, and stay where they are until write().
    void append(QueueId queue, const StoredMessage& entry, const YoungMessages& young);
    void leave(QueueId queue, const YoungMessage& message); // settled, or moved to a page
    void redeliver(QueueId queue, const YoungMessage& message);
    void deliver(QueueId queue, Sequence up_to, const YoungMessages& young);

    void drop_settled_values(rocksdb::WriteBatch& writes);

    // A queue that has a message in the oldest value, or had one. Another one at every call. Not when there is no
    // value.
    QueueId next_queue_of_oldest();
    std::uint64_t dropped_bytes() const { return dropped_bytes_; } // since they were forgotten
    void forget_dropped() { dropped_bytes_ = 0; }
    LogNumber oldest() const { return values_.empty() ? next_ : values_.front().number; }

    // Adds the group's value, unless it would be empty.
    void write(rocksdb::WriteBatch& writes);

    // At start: a value that is there, with the queue of each of its messages that is still left.
    void recovered(LogNumber number, std::size_t size);
    void recovered_message(LogNumber number, QueueId queue);

 private:
    struct Value {
        LogNumber number = 0;
        std::size_t weight = 0;
        std::size_t live = 0;        // messages that are left
        std::vector<QueueId> queues; // of the messages
        std::size_t next_queue = 0;
    };
    struct Change {
        LogChangeKind kind;
        QueueId queue;
        Sequence sequence;
        std::uint64_t count;
        LogNumber log;                        // of the newest message that it is about
        const YoungMessages* young = nullptr; // of the queue, when it is about what was delivered
    };
    struct Fresh {
        QueueId queue;
        Sequence sequence;
        const YoungMessages* young;
    };

    Value& value(LogNumber number);
    bool still_needed(const Change& change) const;
    static void add_message(Value& value, QueueId queue);
    void encode(const Change& change);
    void encode(Value& value, QueueId queue, const StoredMessage& entry);
    void put(rocksdb::WriteBatch& writes, Value value);

    const Database& database_;
    std::deque<Value> values_; // oldest first
    LogNumber next_;
    std::size_t weight_ = 0;
    std::uint64_t dropped_bytes_ = 0;
    // Of the group being built:
    std::vector<Change> changes_;
    std::vector<Fresh> fresh_;
    std::int64_t base_time_ms_ = 0;
    LogEncoder encoder_;
    std::vector<rocksdb::Slice> slices_;
};

} // namespace storage
