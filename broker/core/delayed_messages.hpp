// The messages that wait in an x-delayed-message exchange. They themselves stand in the store, in a queue that has no
// name; what is kept of each is its time and its place there, 16 octets, in a heap. Only transient messages wait in
// memory, as long as their budget lasts. What is due is taken in batches: the batch tells what must be read, takes the
// pages in and gives its messages out in the order of their times.
//
// Pure bookkeeping: reads, commits and routes nothing. Owned by an Exchange, on its virtual host's strand.
#pragma once

#include "broker/core/memory_budget.hpp"
#include "protocol/message.hpp"
#include "storage/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace broker {

class DelayedMessages {
 public:
    DelayedMessages(storage::QueueId queue, storage::Sequence first_sequence, MemoryBudget& memory);
    ~DelayedMessages();
    DelayedMessages(const DelayedMessages&) = delete;
    DelayedMessages& operator=(const DelayedMessages&) = delete;

    storage::QueueId queue() const { return queue_; }
    std::size_t size() const { return waiting_.size() + batch_.size(); } // without what has not been recovered yet

    storage::Sequence add_stored(std::int64_t due_ms);                        // its place in the store
    bool add_in_memory(std::int64_t due_ms, const amqp::MessagePtr& message); // false: no room

    // --- after a restart: the times are read back from the store, page by page, while work goes on ---
    void recover(const storage::QueueState& state);
    std::optional<storage::Sequence> scan_from() const; // nothing: all are known
    void on_scanned(const storage::Store::Page& page);

    // --- administration: of those that wait and are known ---
    struct Waiting {
        std::int64_t due_ms;
        storage::Sequence id; // never another's
    };
    std::vector<Waiting> waiting() const; // in no order
    static bool is_stored(storage::Sequence id) { return (id & in_memory) == 0; }
    amqp::MessagePtr find_in_memory(storage::Sequence id) const; // null if there is none
    bool cancel(storage::Sequence id);                           // the caller takes it out of the store
    bool hasten(storage::Sequence id, std::int64_t now_ms);      // it is due now

    // --- what is due ---
    std::optional<std::int64_t> next_due() const; // nothing while a batch is under way
    bool begin(std::int64_t now_ms);              // false: nothing is due, or a batch is under way
    struct Read {
        storage::Sequence from = 0;
        std::size_t max_messages = 0;
    };
    std::optional<Read> next_read() const;   // nothing: the batch is complete
    void on_page(storage::Store::Page page); // the answer to next_read()
    struct Due {
        storage::Sequence sequence; // 0: it was in memory only
        amqp::MessagePtr message;
    };
    std::vector<Due> finish(); // ends the batch

    std::optional<std::int64_t> scheduled; // when it is to be looked at; kept by VirtualHost

    static constexpr std::size_t batch_messages = 256;
    static constexpr std::size_t batch_bytes = 16 << 20;
    static constexpr std::size_t read_bytes = 1 << 20;

 private:
    struct Entry {
        std::int64_t due_ms;
        storage::Sequence sequence; // with in_memory set for those
        auto operator<=>(const Entry&) const = default;
    };
    struct Item {
        Entry entry;
        amqp::MessagePtr message; // null: not read yet, or gone
    };
    static constexpr storage::Sequence in_memory = storage::Sequence{1} << 63;
    static constexpr storage::Sequence max_gap = 16; // messages read in vain rather than reading twice

    static std::uint64_t weight(const amqp::Message& message);
    void push(Entry entry);
    std::deque<Entry>::iterator find(storage::Sequence id);
    void restore_heap();
    Entry pop();
    std::size_t end_of_run() const; // of what one read covers

    const storage::QueueId queue_;
    MemoryBudget& memory_;
    storage::Sequence next_sequence_;
    storage::Sequence next_in_memory_ = in_memory;
    std::deque<Entry> waiting_; // a heap, the next one in front; a deque, for it must not grow by doubling
    boost::unordered_flat_map<storage::Sequence, amqp::MessagePtr> messages_;

    std::vector<Item> batch_;         // in the order of their times
    std::vector<std::size_t> unread_; // of the batch, in the order of their places
    std::size_t next_unread_ = 0;
    std::size_t bytes_read_ = 0;

    storage::Sequence scan_from_ = 0;
    storage::Sequence scan_up_to_ = 0; // 0: nothing to scan
};

} // namespace broker
