// The strand's end of a connection and of its channels: where a virtual host puts events for them, and what it must
// know of them. A ConnectionPort is owned by the connection itself (net::Connection, or the management API's own
// client) and lives until that has seen its ConnectionClosed event. Everything here is used on the strand only, except
// what is said.
#pragma once

#include "broker/core/consumer.hpp"
#include "broker/core/events.hpp"
#include "broker/core/strand.hpp"
#include "broker/core/topic_guard.hpp"
#include "protocol/types.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace broker {

class Exchange;
class Queue;
class ReplyConsumer;
class VirtualHost;

// Where the last message of a channel went: most publishers repeat themselves.
struct RouteCache {
    std::string exchange, routing_key;
    std::uint64_t topology_version = 0; // 0: empty
    std::vector<Queue*> queues;
    Exchange* source = nullptr; // counts what passes
};

class ChannelPort {
 public:
    ChannelPort(ConnectionPort& connection_port, amqp::ChannelNumber channel_number)
        : connection(connection_port),
          number(channel_number) {}

    ConnectionPort& connection;
    const amqp::ChannelNumber number;
    bool stopped = false; // failed or closing: takes nothing but what accounts for deliveries already made

    std::vector<Consumer*> consumers;        // registered ones
    ReplyConsumer* reply_consumer = nullptr; // not among them [direct reply-to]
    std::uint32_t global_prefetch = 0;       // [basic.qos.global]; 0 is unlimited
    std::uint32_t global_unacked = 0;        // of all consumers and gets of the channel
    bool transaction_incomplete = false;     // a queue has refused a publish of the transaction being committed
    RouteCache route;
};

class ConnectionPort {
 public:
    virtual ~ConnectionPort() = default;

    // Takes over events, in order, and tells which thread to wake for them (null: none). Called on the strand by
    // whoever holds it: must be short, must not call back.
    virtual Waker* deliver(EventBatch events) = 0;

    // Events wait here until the strand is left.
    template <class What>
    void emit(What&& what) { // made where it stays
        place_for_event().emplace_back(std::forward<What>(what));
    }
    void emit_confirmed(amqp::ChannelNumber channel, bool accepted, std::uint64_t first, std::uint64_t count);
    // Whatever is emitted from now on waits until `commit` is durable: answers that are promises ...
    void gate(std::uint64_t commit) { gate_at(place_of(commit)); }
    // ... and what must not overtake the confirms of that commit.
    void gate_behind_confirms(std::uint64_t commit) { gate_at(place_of(commit) + 1); }
    void release(std::uint64_t commit); // commits up to this one are durable

    // A confirm that waits for its commit waits apart, so that it holds up nothing else. It keeps in mind where it
    // belongs: behind all that was emitted before its publish, and before what was gated behind it.
    using Place = std::uint64_t;
    Place confirm_place(std::uint64_t commit) const;
    void emit_confirmed_at(Place place, amqp::ChannelNumber channel, bool accepted, std::uint64_t first,
                           std::uint64_t count);

    // Keeps a place for an event that comes later; everything emitted meanwhile waits behind it.
    std::uint64_t reserve();
    void fill(std::uint64_t reservation, Event event);

    // Back-pressure towards consumers. `sent` counts on the strand, `written` is told by the network thread.
    void count_sent(std::size_t bytes) { sent_bytes_ += bytes; }
    std::uint64_t unwritten_bytes() const {
        // Not relaxed: the second look of ConsumerSet::has_room must not be taken before note_paused.
        return sent_bytes_ - written_bytes_.load(std::memory_order_seq_cst);
    }
    bool congested() const { return unwritten_bytes() > max_unwritten_bytes; }
    // Network thread: `bytes` more deliveries have left for the socket. True if the strand has paused deliveries
    // meanwhile and should get a ResumeDeliveries command.
    bool count_written(std::size_t bytes);
    void note_paused() { paused_.store(true, std::memory_order_seq_cst); }

    // What a delivery weighs in these counts.
    static std::size_t weight(const amqp::Message& message) { return message.body_size() + per_message_bytes; }
    static constexpr std::size_t max_unwritten_bytes = 1 << 20;
    static constexpr std::size_t per_message_bytes = 64;

    ChannelPort* find_channel(amqp::ChannelNumber number);
    std::unordered_map<amqp::ChannelNumber, std::unique_ptr<ChannelPort>> channels;

    std::string name; // "IP:PORT -> IP:PORT"
    std::string user_name;
    bool administrative = false; // the management API's own: no events tell of it and its channels
    TopicGuardPtr topic_guard;   // null: nothing is restricted
    bool stopped = false;
    Queue* slowed_by = nullptr;             // its publishing is slowed down for the sake of this queue's consumers
    bool slowed_by_store = false;           // or because it publishes faster than can be written
    bool slowed = false;                    // it has been told
    std::uint64_t last_promised_commit = 0; // confirms of this connection wait for it at the latest

 private:
    friend class VirtualHost;
    struct Held { // events behind a commit that is not durable yet, or behind a reserved place
        Place place;
        std::uint64_t reservation; // 0: none
        EventBatch events;
    };

    static constexpr Place place_of(std::uint64_t commit) { return 2 * commit; }
    void gate_at(Place place);
    void append_confirmed(EventBatch& events, Confirmed confirmed);
    void release_ready();
    void note_dirty();
    EventBatch& place_for_event() {
        if (!held_.empty()) [[unlikely]] {
            return held_.back().events;
        }
        if (!dirty_) {
            note_dirty();
        }
        return events_;
    }

    std::vector<ConnectionPort*>* dirty_ports_ = nullptr; // the virtual host's list of ports with events to hand over
    bool dirty_ = false;
    EventBatch events_;
    std::size_t usual_events_ = 0; // as many as the last time: growing step by step moves each of them twice
    std::deque<Held> held_;
    std::uint64_t durable_ = 0;
    std::uint64_t last_reservation_ = 0;
    ChannelPort* last_channel_ = nullptr;
    std::uint64_t sent_bytes_ = 0;
    std::atomic<std::uint64_t> written_bytes_{0};
    std::atomic<bool> paused_{false};
};

} // namespace broker
