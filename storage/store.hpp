// What survives a restart. The core writes through this interface only; which engine stands behind it (RocksDB, memory,
// one day a replicated database) it does not know.
//
// Everything a virtual host wants to be durable goes into a Batch; one Batch is one atomic commit. Batches of a shard
// (a virtual host; shard 0 is the node itself: users, virtual hosts, parameters) are committed in the order in which
// they were given and complete in that order. Nothing here blocks, save open, recover and close.
#pragma once

#include "protocol/message.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace storage {

using ShardId = std::uint32_t;  // the id of a virtual host; 0 is the node
using QueueId = std::uint64_t;  // never used twice in the life of a data directory
using Sequence = std::uint64_t; // of a message in its queue, strictly rising; carries the epoch in its upper bits

inline constexpr ShardId node_shard = 0;

// The epoch rises by one at every open. A queue's sequence numbers start at first_sequence(epoch), so that nothing
// whose fate was unknown when the last process died can collide with something new.
inline constexpr unsigned epoch_shift = 40;
constexpr Sequence first_sequence(std::uint64_t epoch) {
    return (epoch << epoch_shift) + 1;
}

enum class Outcome : std::uint8_t {
    durable,     // synced (or needs no sync): the only outcome that becomes a confirm
    fenced,      // another process owns the shard now: stop confirming, close its connections
    unavailable, // not written; may be tried again
    unknown,     // may or may not be written; retry with the same epoch and batch number
    full,        // no space, and the store is being closed: not written
    too_large,   // not written, never will be
    failed,      // the disk failed; nothing is confirmed on this store any more
};

// One message as it is kept. Flags and counts are as of the moment of reading.
struct StoredMessage {
    Sequence sequence = 0;
    std::int64_t published_at_ms = 0;       // wall clock, since 1970
    std::int64_t expires_at_ms = no_expiry; // wall clock
    std::uint32_t delivery_count = 0;       // failed deliveries so far
    bool redelivered = false;               // may have been delivered before
    amqp::MessagePtr message;

    static constexpr std::int64_t no_expiry = -1;
};

// The kinds of metadata records; part of the key on disk, so never renumbered.
enum class RecordType : std::uint8_t {
    virtual_host = 1,
    user = 2,
    permission = 3,
    topic_permission = 4,
    exchange = 5,
    queue = 6,
    binding = 7,
    policy = 8,
    operator_policy = 9,
    parameter = 10,
    global_parameter = 11,
    limit = 12,
};

// Name of a record: unique within (shard, type). Values are encoded by storage/records.hpp, alike for all engines.
struct RecordKey {
    RecordType type;
    std::string name; // any bytes
    auto operator<=>(const RecordKey&) const = default;
};

// One atomic commit, collected on the strand of its virtual host and moved into Store::commit.
// Order matters within it: an append and a settle of the same message cancel out and nothing is written.
class Batch {
 public:
    struct Append {
        QueueId queue;
        StoredMessage entry;
    };
    struct Settle { // [first, first + count) are done with: acknowledged, dropped, expired or dead-lettered
        QueueId queue;
        Sequence first;
        std::uint64_t count;
        bool moved = false; // lives on in what this batch appends elsewhere
    };
    struct Redeliver { // went out and came back: will be delivered as redelivered, this often failed
        QueueId queue;
        Sequence sequence;
        std::uint32_t delivery_count;
    };
    struct Delivered { // everything up to and including `up_to` may have been delivered
        QueueId queue;
        Sequence up_to;
    };
    struct Purge {
        QueueId queue;
        Sequence up_to; // inclusive
    };
    struct Record {
        RecordKey key;
        std::string value; // empty with erase
        bool erase = false;
    };

    void append(QueueId queue, StoredMessage entry) { appends.push_back({queue, std::move(entry)}); }
    void settle(QueueId queue, Sequence first, std::uint64_t count = 1) { settles.push_back({queue, first, count}); }
    void settle_moved(QueueId queue, Sequence sequence) { settles.push_back({queue, sequence, 1, true}); }
    void redeliver(QueueId queue, Sequence sequence, std::uint32_t delivery_count) {
        redeliveries.push_back({queue, sequence, delivery_count});
    }
    void mark_delivered(QueueId queue, Sequence up_to) { delivered.push_back({queue, up_to}); }
    // All messages of the queue; `purge` keeps the queue usable, `remove` is for a deleted queue.
    void purge(QueueId queue, Sequence up_to) { purges.push_back({queue, up_to}); }
    void remove_queue(QueueId queue) { removed_queues.push_back(queue); }
    void put(RecordKey key, std::string value) { records.push_back({std::move(key), std::move(value), false}); }
    void erase(RecordKey key) { records.push_back({std::move(key), {}, true}); }
    // Somebody waits for all of this batch to be on disk (a declare-ok, a tx.commit-ok). Without a promise no sync is
    // needed.
    void promise() { promised = whole = true; }
    // Publishers wait for what it appends (a confirm): until that is on disk, or is settled and was not moved.
    void promise_appends() { promised = true; }

    bool empty() const {
        return appends.empty() && settles.empty() && redeliveries.empty() && delivered.empty() && purges.empty() &&
               removed_queues.empty() && records.empty();
    }

    std::uint64_t number = 0; // given by the shard, rising by one; with the epoch it makes a retry idempotent
    bool promised = false;
    bool whole = false; // promised as a whole
    std::vector<Append> appends;
    std::vector<Settle> settles;
    std::vector<Redeliver> redeliveries;
    std::vector<Delivered> delivered;
    std::vector<Purge> purges;
    std::vector<QueueId> removed_queues;
    std::vector<Record> records;
};

// The right to write a shard, for as long as no other process takes it over.
struct Lease {
    ShardId shard = node_shard;
    std::uint64_t epoch = 0;
};

// What recovery knows of a queue that has messages, without having looked at them.
struct QueueState {
    QueueId queue = 0;
    Sequence head = 0; // no message below it
    Sequence last = 0; // no message above it
    std::uint64_t messages = 0;
    std::uint64_t body_bytes = 0;
    Sequence delivered_up_to = 0; // messages up to here are redelivered = true
};

// Called during recover, in this order: records of a shard, then its queues. On the calling thread.
class RecoveryVisitor {
 public:
    virtual ~RecoveryVisitor() = default;
    virtual void on_record(ShardId shard, RecordKey key, std::string_view value) = 0;
    virtual void on_queue(const QueueState& state) = 0;
};

class Store {
 public:
    virtual ~Store() = default;

    // Runs once, before anything is committed: every record of every shard (node shard first), then the state of every
    // queue that holds messages. Work per queue, not per message. Throws std::runtime_error with one clear line when
    // the data is damaged.
    virtual void recover(RecoveryVisitor& visitor) = 0;

    virtual std::uint64_t epoch() const = 0; // of this open
    virtual Lease open_shard(ShardId shard) = 0;

    // Makes `batch` durable. Never blocks; batches of one lease are applied in order, and those that are promised are
    // completed in order. `completion` runs on a thread of the store and must be short (hand over to a strand). A
    // promised batch is complete only when the sync that covers it has returned, or when it was promised to publishers
    // only and later batches have settled all that it appends. A failed sync is never retried: this and all later
    // batches complete as `failed`.
    using Completion = std::function<void(Outcome)>;
    virtual void commit(const Lease& lease, Batch batch, Completion completion) = 0;

    // Reads messages of `queue` with sequence >= `from` that are not settled, in order, at most `max_messages` and
    // about `max_bytes` of body (at least one message if there is one). Sees every batch committed before the call,
    // completed or not. `completion` runs on a thread of the store. `end` is true when nothing follows the last one
    // returned.
    struct Page {
        std::vector<StoredMessage> messages;
        bool end = true;
        bool ok = true; // false: could not be read (damaged); the log says where
    };
    using PageCompletion = std::function<void(Page)>;
    virtual void read(QueueId queue, Sequence from, std::size_t max_messages, std::size_t max_bytes,
                      PageCompletion completion) = 0;

    // How much more may be written before commits wait for space. From any thread; no limit unless an engine knows one.
    virtual std::uint64_t room() const { return std::numeric_limits<std::uint64_t>::max(); }

    // So much waits to be written that who publishes shall go slower, or memory would fill with it. From any thread.
    virtual bool is_behind() const { return false; }

    // Commits what was given, syncs, releases the data directory's lock. No call after it.
    virtual void close() = 0;
};

} // namespace storage
