// A queue: takes messages in, gives them to consumers in order, accounts for what is out with them. Owned by its
// VirtualHost (and by consumers that still hold deliveries); everything happens on the strand.
//
// It is made of parts that can be tested alone: ReadyList (what is in memory, in order), DiskRange (what is only in the
// store), ConsumerSet (whose turn it is), QueueOptions (what the arguments say), LengthLimit and ExpiryIndex (who has
// to leave). A message that dies goes to the virtual host, which takes it out of the store when it publishes it
// elsewhere.
//
// Memory: once the messages in memory weigh more than `max_resident_bytes`, further persistent ones stay in the store
// only, and are read back page by page when those before them are gone. So a backlog costs disk, not memory. While the
// node's memory is short much less stays in memory, and transient messages go to the store as well ("paging out"); what
// it has of them after a restart is dropped when it is read.
#pragma once

#include "broker/core/browsing.hpp"
#include "broker/core/clock.hpp"
#include "broker/core/commands.hpp"
#include "broker/core/commits.hpp"
#include "broker/core/consumer_set.hpp"
#include "broker/core/dead_letter.hpp"
#include "broker/core/expiry_index.hpp"
#include "broker/core/length_limit.hpp"
#include "broker/core/policy.hpp"
#include "broker/core/queue_deduplication.hpp"
#include "broker/core/queue_options.hpp"
#include "broker/core/ready_list.hpp"
#include "broker/core/statistics.hpp"
#include "broker/core/timers.hpp"
#include "broker/routing/destination.hpp"
#include "protocol/field_table.hpp"
#include "protocol/message.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace broker {

class ChannelPort;
class ConnectionPort;
class Queue;
struct BoundBinding;

// What a queue needs of its virtual host.
class QueueHost {
 public:
    virtual ~QueueHost() = default;
    virtual Commits& commits() = 0;
    virtual const Clock& clock() const = 0;
    // Has a page read when the strand is left (what is being collected is committed first); Queue::on_page follows.
    virtual void request_page(Queue& queue) = 0;
    // Has the delivered mark of the queue written with the commit of this hold.
    virtual void note_delivered(Queue& queue) = 0;
    // How often the strand has been held: the time that progress is measured in.
    virtual std::uint64_t hold() const = 0;
    virtual bool memory_is_short() const = 0;         // of the node
    virtual void resume_publishers(Queue& queue) = 0; // those in Queue::slowed_publishers
    virtual Timers& timers() = 0;
    // Publishes the message to the dead letter exchange and takes it out of the store, both in one commit, soon.
    // Sequence 0: it never was in the store.
    virtual void dead_letter(Queue& queue, ReadyMessage message, DeathReason reason) = 0;
    virtual void delete_unused(Queue& queue) = 0;   // [x-expires]
    virtual void free_soon(ReadyList messages) = 0; // what was purged: millions take a while

    QueueCounts<Counter> totals; // of all its queues, also those that have gone
    bool tracing = false;        // every delivery is told to trace_delivery
    virtual void trace_delivery(const Queue& queue, const ChannelPort& channel, const amqp::Message& message,
                                bool redelivered) = 0;
};

class Queue final : public Destination, public Sleeper, public std::enable_shared_from_this<Queue> {
 public:
    struct Definition {
        std::string name;
        std::string virtual_host;
        storage::QueueId id = 0;
        bool durable = false; // false for exclusive queues, whatever was asked for
        bool auto_delete = false;
        ConnectionPort* exclusive_owner = nullptr;
        amqp::FieldTable arguments;
        QueueOptions options; // what the arguments say
        storage::Sequence first_sequence = 1;
    };

    Queue(Definition definition, QueueHost& host);

    const Definition& definition() const { return definition_; }
    const std::string& name() const { return definition_.name; }
    // Arguments and policies together; the definition's are the arguments alone.
    const QueueOptions& options() const { return options_; }
    const AppliedPolicies& policies() const { return policies_; }
    bool may_be_stored() const { return definition_.durable || paged_out_; } // some of its messages
    // Other policies apply from now on, also to the messages that are here.
    void apply(AppliedPolicies policies);
    bool is_quorum() const { return definition_.options.type == QueueType::quorum; }
    bool exclusive() const { return definition_.exclusive_owner != nullptr; }

    // --- messages ---
    enum class Accepted : std::uint8_t {
        now,
        with_appends, // it is in the commit being collected: a confirm has to wait for that
        with_commit,  // what stands for it may be in an earlier one: a confirm has to wait for all of them
        refused,      // the queue is full
    };
    Accepted publish(amqp::MessagePtr message);
    void settle(Consumer& consumer, storage::Sequence first, std::uint32_t count, std::uint64_t body_bytes);
    void take_back(Return returned); // requeued or rejected
    struct Got {
        ReadyMessage message;
        std::uint64_t messages_left;
    };
    enum class Get : std::uint8_t { got, empty, wait /* for a page from disk: ask again after on_page */ };
    Get get(const ConsumerPtr& consumer, Got& got);
    std::uint64_t purge(); // ready messages only; how many

    // Publishers are to slow down: too much waits in memory for consumers that do take what they can. Never for
    // consumers that are stuck or absent; that backlog belongs on disk. An unthrottled publisher would starve
    // acknowledging ones, and those who wait for what is read back behind all that has to be written.
    bool overrun() const {
        return starved() || ((list_.size() > overrun_messages || list_.footprint() > overrun_bytes) &&
                             !consumers_.empty() && host_.hold() - last_delivery_hold_ < stuck_after_holds);
    }
    std::vector<ConnectionPort*> slowed_publishers; // kept by VirtualHost

    // --- leaving by themselves: queue_departures.cpp ---
    void note_use(); // declared again: [x-expires] starts anew
    void on_time(std::int64_t now_ms) override;
    void remove_dead(const ReadyMessage& message); // published elsewhere: tells the store

    // --- administration: queue_browsing.cpp ---
    // At most `max` of the ready messages behind `after`, or from where in the store they have to be read.
    BrowsedSlice browse(Place after, std::size_t max) const;
    void add_page(BrowsedSlice& slice, storage::Store::Page page, std::size_t max) const;
    // Whether it is still there; requires that the revision is the one at which it was seen.
    bool holds(const BrowsedMessage& seen) const;
    std::uint64_t store_revision() const { return disk_.revision; } // of what is only in the store
    void withdraw(const BrowsedMessage& seen); // requires holds(); the store is told with remove_dead()
    std::uint64_t end_withdrawal();            // of any number; the revision from now on
    bool would_refuse(const amqp::Message& message) const;
    // Other arguments from now on, as if declared with them. Fails, and changes nothing, if max-priority cannot.
    amqp::Result<> change(amqp::FieldTable arguments, QueueOptions options);

    // --- consumers ---
    bool may_consume(bool exclusive) const; // false: somebody has or wants it for himself
    void add_consumer(ConsumerPtr consumer);
    // True if it was the last one and the queue is to be deleted for that.
    bool remove_consumer(Consumer& consumer);
    const ConsumerSet& consumers() const { return consumers_; }
    void unblock(Consumer& consumer);
    void pump(); // delivers what can be delivered

    // --- the store ---
    void recover(const storage::QueueState& state);
    void on_page(storage::Store::Page page);
    storage::Sequence page_start() const { return disk_.next; }
    storage::Sequence take_delivered_mark() { return delivered_mark_; }
    void clear_for_deletion(); // forgets messages, also those to come back; the caller removes them from the store

    // --- numbers ---
    std::uint64_t ready() const { return list_.size() + disk_.messages; }
    std::uint64_t ready_bytes() const { return list_.body_bytes() + disk_.body_bytes; }
    std::uint64_t unacked() const { return unacked_; }
    std::uint64_t unacked_bytes() const { return unacked_bytes_; }
    std::uint64_t resident() const { return list_.size(); }
    std::uint64_t footprint() const { return list_.footprint(); }
    const QueueStatistics& statistics() const { return statistics_; }
    template <class Visit>
    void for_each_resident(Visit visit) const { // ready messages in memory, in the order of delivery
        list_.for_each(visit);
    }
    std::int64_t last_active_ms() const { return last_active_ms_; } // something came or went
    // How long ready messages have waited for consumers that had no room, in all.
    std::uint64_t waited_ms() const;
    const amqp::Message* head() const; // the first ready message, if it is in memory

    std::unordered_set<BoundBinding*> bindings; // that lead here; kept by VirtualHost

    static constexpr std::uint64_t max_resident_bytes = 8 << 20;
    static constexpr std::uint64_t max_resident_bytes_when_short = 64 << 10;
    static constexpr std::size_t page_messages = 1024;
    // Publishers slow down when the messages in memory are more than the first, or weigh more, and go on below the
    // second.
    static constexpr std::size_t overrun_messages = 20'000, relief_messages = 10'000;
    static constexpr std::uint64_t overrun_bytes = 32 << 20, relief_bytes = 16 << 20;
    static constexpr std::uint64_t stuck_after_holds = 256; // without a delivery
    static constexpr std::size_t page_bytes = 1 << 20;
    static constexpr unsigned departures_per_hold = 256;

 private:
    // Ready messages that are in the store but not in memory: all between `next` and the tail, as far as they survive a
    // restart, and those that were paged out.
    struct DiskRange {
        storage::Sequence next = 0; // where reading goes on; meaningful while messages > 0
        std::uint64_t messages = 0;
        std::uint64_t body_bytes = 0;
        bool reading = false;
        // Of these, from `added_from` on, came after the page was asked for. It may know of some of them, but not of
        // all.
        storage::Sequence added_from = 0;
        std::uint64_t added = 0;
        std::uint64_t bytes_added = 0;
        // Administration takes messages out of the middle: those that a page on its way may still bring, and how often
        // that has happened.
        boost::unordered_flat_set<storage::Sequence> not_in_page;
        std::uint64_t revision = 1;
        bool withdrawn = false; // since the revision was raised
    };

    // A quorum queue keeps everything, whatever the delivery mode.
    bool survives(const amqp::Message& message) const {
        return definition_.durable && (message.persistent() || is_quorum());
    }
    // The store has never heard of a message for which this is false.
    bool may_be_stored(const amqp::Message& message) const { return paged_out_ || survives(message); }
    // A transient message that was paged out before a restart.
    bool is_left_over(const storage::StoredMessage& stored) const {
        return stored.sequence < definition_.first_sequence && !survives(*stored.message);
    }
    bool has_room_in_memory() const;
    std::int64_t expiry_of(const amqp::Message& message) const {
        const bool expires = message.expiration_ms() != amqp::Message::no_expiration || options_.message_ttl_ms;
        return expires ? host_.clock().now_ms() + time_to_live(message) : storage::StoredMessage::no_expiry;
    }
    std::int64_t time_to_live(const amqp::Message& message) const; // of one that has any
    void keep_on_disk(storage::Sequence sequence, std::uint64_t body_size);
    void page_out(const ReadyMessage& message); // a transient one
    bool has_priorities() const { return definition_.options.max_priority > 0; }
    void store(const ReadyMessage& message);
    void clear();
    bool front_is_next() const; // the front of the list comes before everything on disk
    // Lets expired messages at the front die. False when nothing can be taken now; asks for a page if that is why.
    bool prepare_front();
    ReadyMessage take_front(const Consumer& consumer); // for him
    void deliver(Consumer& consumer, ReadyMessage&& message);
    void count_out(Consumer& consumer, const ReadyMessage& message);
    void drop(const ReadyMessage& message); // it is done with: tell the store
    void request_page();
    bool starved() const { return disk_.reading && list_.empty() && !consumers_.exhausted(); }
    void set_timeout(Consumer& consumer) const; // of acknowledgements
    void on_room(Consumer& consumer);           // it holds less than before

    // deduplication: null unless x-message-deduplication says so
    void forget(storage::Sequence first, std::uint64_t count = 1) {
        if (known_) [[unlikely]] {
            known_->forget(first, count);
        }
    }
    // For every message: here, so that they cost next to nothing.
    void count(std::uint64_t QueueStatistics::*what, Counter QueueCounts<Counter>::*of_all, std::uint64_t count = 1) {
        statistics_.*what += count;
        host_.totals.*of_all += count;
    }
    void note_activity() {
        if (const std::uint64_t hold = host_.hold(); active_hold_ != hold) { // the clock is read once in a hold
            active_hold_ = hold;
            last_active_ms_ = host_.clock().now_ms();
        }
    }
    void note_waiting() {
        if ((!list_.empty() && !consumers_.empty()) != (waiting_since_ms_ != 0)) [[unlikely]] {
            change_waiting();
        }
    }
    void change_waiting(); // queue_numbers.cpp

    // queue_departures.cpp
    bool has_expired(const ReadyMessage& message) const {
        return message.expires_at_ms != storage::StoredMessage::no_expiry &&
               message.expires_at_ms <= host_.clock().now_ms();
    }
    bool exceeds_delivery_limit(std::uint32_t delivery_count) const;
    void let_die(ReadyMessage message, DeathReason reason);
    Accepted refuse(const amqp::MessagePtr& message);
    void put_in_list(ReadyMessage message, bool newest);
    void enforce_limit();
    void shorten_expiries(std::int64_t latest_ms);
    void expire(std::int64_t now_ms);
    void wake_for_next_departure();

    // What a message touches comes first, and together: with a thousand queues nothing of the next one is in a cache.
    QueueHost& host_;
    storage::Sequence next_sequence_;
    std::uint64_t last_delivery_hold_ = 0;
    std::uint64_t active_hold_ = 0; // the last one with something to do, and when that was
    std::int64_t last_active_ms_ = 0;
    std::int64_t waiting_since_ms_ = 0; // 0: not
    std::uint64_t unacked_ = 0;
    std::uint64_t unacked_bytes_ = 0;
    QueueStatistics statistics_;
    ReadyList list_;
    LengthLimit limit_;
    std::unique_ptr<QueueDeduplication> known_;
    ConsumerSet consumers_;
    Consumer* exclusive_consumer_ = nullptr;
    DiskRange disk_;
    Definition definition_;
    QueueOptions options_;
    AppliedPolicies policies_;
    ExpiryIndex expiries_; // of what is in list_
    storage::Sequence delivered_mark_ = 0;
    std::int64_t last_use_ms_ = 0; // [x-expires]
    std::uint64_t waited_ms_ = 0;
    bool deleted_ = false;
    bool paged_out_ = false; // has stored messages that do not survive a restart, once at least
};

} // namespace broker
