// A virtual host: a world of its own of exchanges, queues and bindings, with one strand on which all of it lives. Takes
// command batches from connections, gives them events, and writes what must survive through Commits. Owned by the
// VirtualHosts registry; the composition root sees to it that it outlives every connection.
//
// Only submit(), run() and the constructor may be called from any thread; everything else happens on the strand.
#pragma once

#include "broker/core/browsing.hpp"
#include "broker/core/clock.hpp"
#include "broker/core/commands.hpp"
#include "broker/core/commit_gate.hpp"
#include "broker/core/commits.hpp"
#include "broker/core/connection_port.hpp"
#include "broker/core/event_sink.hpp"
#include "broker/core/exchange.hpp"
#include "broker/core/memory_budget.hpp"
#include "broker/core/message_content.hpp"
#include "broker/core/queue.hpp"
#include "broker/core/queue_arguments.hpp"
#include "broker/core/reply_consumers.hpp"
#include "broker/core/route_explanation.hpp"
#include "broker/core/strand.hpp"
#include "broker/core/teller.hpp"
#include "broker/core/timers.hpp"
#include "broker/core/virtual_host_settings.hpp"
#include "broker/routing/matches.hpp"
#include "broker/routing/text_hash.hpp"
#include "storage/records.hpp"
#include "storage/store.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace broker {

class VirtualHost final : private Strand::Owner, private Commits::Observer, private QueueHost {
 public:
    struct Environment {
        storage::Store& store;
        const Clock& clock;
        Strand::Post post; // runs something on a network thread; may be empty in tests
        std::function<void(storage::Outcome)> on_store_failed; // any thread, once
        std::string default_queue_type{};                      // of the node; empty: classic
        TimerFactory make_timer = {};                          // empty in tests that wake it by hand
        std::uint64_t random_seed = 0;                         // of what is routed by chance
        std::string node_name = {};                            // in traces
        EventSink* events = nullptr;                           // null: nobody is told
        bool has_event_exchange = false;                       // this one has amq.rabbitmq.event
        const std::atomic<bool>* memory_is_short = nullptr;    // any thread sets it; null: it never is
    };

    VirtualHost(storage::VirtualHostRecord record, Environment environment);
    ~VirtualHost() override;

    const std::string& name() const { return name_; }
    storage::VirtualHostRecord record() const { return *record_.load(); } // any thread
    void set_record(storage::VirtualHostRecord record);                   // any thread; name and shard stay
    std::optional<std::uint64_t> max_connections() const;                 // any thread; nothing: not limited
    Counts counts() const;                                                // any thread

    // --- from any thread ---
    void attach(ConnectionPort& port); // before its first command
    void submit(ConnectionPort& port, CommandBatch commands);
    // Runs `task` on the strand, soon; for the management API and for timers.
    void run(std::function<void(VirtualHost&)> task);
    // The same, but never within the call.
    void run_later(std::function<void(VirtualHost&)> task);
    std::int64_t now_ms() const; // any thread

    // Closes every connection with `error`, deletes everything; `done` is called (on a thread of the store) when that
    // is durable. The caller has made sure that nobody enters any more.
    void remove_everything(amqp::Error error, std::function<void()> done);
    bool idle() const { return strand_.idle(); }

    // --- recovery, before anything is submitted ---
    void recover_record(storage::RecordKey key, std::string_view value); // exchanges and queues before bindings
    void recover_bindings();                                             // after all records
    bool recover_queue(const storage::QueueState& state);                // false: no queue has this id
    void end_recovery();

    // --- on the strand: reading ---
    using Exchanges = std::unordered_map<std::string, std::unique_ptr<Exchange>, TextHash, std::equal_to<>>;
    using Queues = std::unordered_map<std::string, std::shared_ptr<Queue>, TextHash, std::equal_to<>>;
    const Exchanges& exchanges() const { return exchanges_; }
    const Queues& queues() const { return queues_; }
    const std::unordered_set<ConnectionPort*>& connections() const { return connections_; }
    Exchange* find_exchange(std::string_view name);
    Queue* find_queue(std::string_view name);
    const VirtualHostSettings& settings() const { return settings_; }
    // Closes a connection from the broker's side: 320 and the like.
    void close_connection(ConnectionPort& port, amqp::Error error);

    // --- on the strand: settings (policies.cpp) ---
    // Runs `change`, and has what it changed apply. On success `done` is called when that is durable, on a thread of
    // the store; on error at once.
    using SettingsChange = std::function<amqp::Result<bool>(VirtualHostSettings&, storage::Batch&)>;
    void change_settings(const SettingsChange& change, std::function<void(amqp::Result<bool>)> done,
                         std::string_view actor = internal_actor);

    // --- on the strand: messages that wait in an x-delayed-message exchange (delaying.cpp) ---
    const DelayedMessages* delayed_messages(std::string_view exchange); // null: no such exchange
    // `done` gets the message as it will be routed, null if it is not there, on any thread.
    void read_waiting(std::string_view exchange, storage::Sequence id, std::function<void(amqp::MessagePtr)> done);
    // `done` gets whether it was there, once it is durable that it is not, on any thread.
    void cancel_waiting(std::string_view exchange, storage::Sequence id, std::function<void(bool)> done);
    bool fire_waiting(std::string_view exchange, storage::Sequence id); // false: it is not there

    // --- on the strand: messages of a queue and its settings (relocating.cpp) ---
    // `done` gets at most `max` ready messages behind `after`, as they are; on the strand, or from within the call.
    void browse(std::string_view queue, Place after, std::size_t max, std::function<void(BrowsedSlice)> done);
    Relocated relocate(std::string_view queue, const Relocation& relocation);
    amqp::Result<ChangedArguments> change_queue(std::string_view queue, const ArgumentChange& change,
                                                std::string_view actor = internal_actor);
    // `done` is called once all that has happened up to now is durable, on a thread of the store.
    void when_durable(std::function<void()> done);

    // --- on the strand: explaining.cpp; nothing: no such exchange ---
    std::optional<RouteExplanation> explain(std::string_view exchange, const amqp::Message& message,
                                            const std::vector<std::string>* extra_keys);

    // --- on the strand ---
    void publish_event(const amqp::MessagePtr& event); // to amq.rabbitmq.event

 private:
    using Answer = amqp::Result<std::optional<Reply>>; // nothing: no reply, or it comes later

    // virtual_host.cpp: batches, life cycle, durability
    void execute(ConnectionPort& port, CommandBatch& commands);
    void execute(ConnectionPort& port, ChannelPort* channel, amqp::ChannelNumber number, BoxedRequest& boxed);
    void execute_request(ConnectionPort& port, ChannelPort* channel, amqp::ChannelNumber number, BoxedRequest& boxed);
    void leave(std::vector<Waker*>& to_wake) override;
    void on_durable(std::uint64_t up_to) override;
    void on_store_failed(storage::Outcome outcome) override;
    Commits& commits() override { return commits_; }
    const Clock& clock() const override { return hold_clock_; }
    void request_page(Queue& queue) override;
    void note_delivered(Queue& queue) override;
    std::uint64_t hold() const override { return hold_; }
    bool memory_is_short() const override {
        return environment_.memory_is_short != nullptr && environment_.memory_is_short->load(std::memory_order_relaxed);
    }
    void resume_publishers(Queue& queue) override;
    Timers& timers() override { return timers_; }
    void dead_letter(Queue& queue, ReadyMessage message, DeathReason reason) override;
    void delete_unused(Queue& queue) override { delete_queue(queue); }
    void free_soon(ReadyList messages) override;
    void note_event_bindings(const Exchange& source); // somebody wants to be told, or nobody any more
    void fail(ChannelPort& channel, amqp::Error error, amqp::MethodId method);
    void fail(ConnectionPort& port, amqp::Error error, amqp::MethodId method);
    void stop(ChannelPort& channel);
    void stop(ConnectionPort& port);

    void after_answer(Consume& request);     // deliveries come after consume-ok [C15]
    void after_answer(DeleteQueue& request); // basic.cancel comes after delete-ok [C17]
    Answer on(ChannelPort& channel, DeclareExchange& request);
    Answer on(ChannelPort& channel, DeleteExchange& request);
    Answer on(ChannelPort& channel, BindExchange& request);
    Answer on(ChannelPort& channel, DeclareQueue& request);
    Answer on(ChannelPort& channel, BindQueue& request);
    Answer on(ChannelPort& channel, PurgeQueue& request);
    Answer on(ChannelPort& channel, DeleteQueue& request);
    Answer on(ChannelPort& channel, Consume& request);
    Answer on(ChannelPort& channel, Cancel& request);
    Answer on(ChannelPort& channel, Get& request);
    Answer on(ChannelPort& channel, SetGlobalPrefetch& request);
    Answer on(ChannelPort& channel, Echo& request);
    Answer on(ChannelPort& channel, CheckPublish& request);
    Answer on(ChannelPort& channel, CommitTransaction& request);
    Answer on(ChannelPort& channel, FailChannel& request);
    Answer on(ChannelPort& channel, StopChannel& request);
    void open_channel(ConnectionPort& port, amqp::ChannelNumber number);
    void finish_channel(ConnectionPort& port, amqp::ChannelNumber number);
    void finish(ConnectionPort& port);
    void resume_deliveries(ConnectionPort& port);
    void restrict_topics(ConnectionPort& port, TopicGuardPtr guard);

    // publishing.cpp
    void publish(ChannelPort& channel, Publish& publish);
    using ExtraKeys = std::vector<std::string>; // of CC and BCC; a null pointer: none
    amqp::Result<Exchange*> permitted_exchange(ConnectionPort& port, const amqp::Message& message,
                                               const ExtraKeys* extra_keys);
    amqp::Result<> check_topics(ConnectionPort& port, const Exchange& exchange, const amqp::Message& message,
                                const ExtraKeys* extra_keys) const;
    void refuse(ChannelPort& channel, const Publish& publish); // a queue was full
    // Slow it down, or let it go on, as the queue wants it, or the store.
    void pace(ConnectionPort& publisher, Queue& queue);
    void pace_by_store(ConnectionPort& publisher);
    void resume(ConnectionPort& publisher);
    static void tell_pace(ConnectionPort& publisher);
    // What a route came to, beside the destinations in matches_.
    struct Routed {
        bool delayed = false;         // a delayed exchange on the way has it now
        bool replied = false;         // somebody waited for it as a reply
        bool wait_for_commit = false; // what stands for it is in the commit being collected, or in an earlier one
        bool repeatable = true;       // the next message with this key goes the same way
        std::optional<amqp::Error> error = {};
    };
    // Into the channel's route cache; nothing: the channel has failed.
    std::optional<Routed> route(ChannelPort& channel, const Publish& publish);
    Routed match_exchange(Exchange& exchange, const amqp::MessagePtr& message, const ExtraKeys* extra_keys);
    void match_keys(Exchange& exchange, const amqp::Message& message, MessageContent& content,
                    const ExtraKeys* extra_keys);
    void match_key(Exchange& exchange, std::string_view key);
    // The queues in matches_; whoever waits for it as a reply has it then. True if somebody does.
    bool collect_queues(const amqp::MessagePtr& message, std::vector<Queue*>& queues);
    // To whatever it reaches from `exchange` on, on nobody's behalf.
    void publish_from(Exchange& exchange, const amqp::MessagePtr& message, const ExtraKeys* extra_keys = nullptr);

    // exchange_parts.cpp: what types of exchanges do beside routing
    void add_parts(Exchange& exchange, storage::QueueId kept_queue); // 0: not known from an earlier life
    void remove_parts(Exchange& exchange);
    void recover_parts(Exchange& exchange, const storage::QueueState& state);
    void load_duplicates(Exchange& exchange, const storage::QueueState& state);
    enum class Taken : std::uint8_t { no, delayed, duplicate };
    amqp::Result<Taken> offer_to_parts(Exchange& exchange, const amqp::MessagePtr& message, MessageContent& content,
                                       const ExtraKeys* extra_keys, Routed& routed);
    bool is_duplicate(Exchange& exchange, const amqp::FieldValue& value, MessageContent& content, Routed& routed);
    void forget_duplicates(Exchange& exchange);
    void replay_history(Exchange& source, Destination& destination);

    // relocating.cpp, explaining.cpp
    void relocate(Queue& source, Relocation::How how, const Relocation::Item& item, Relocated& result);
    bool find_queues(const Relocation::Item& item, std::vector<Queue*>& queues);
    struct Explaining;
    void explain(Explaining& explaining, std::size_t index);
    bool explain_parts(Explaining& explaining, std::size_t index);
    void explain_destination(Explaining& explaining, std::size_t index, Destination& destination);

    // tracing.cpp
    void trace_publish(const ChannelPort& channel, const Publish& publish, const std::vector<Queue*>& queues);
    void trace_delivery(const Queue& queue, const ChannelPort& channel, const amqp::Message& message,
                        bool redelivered) override;
    void publish_traces();

    // delaying.cpp
    bool delay(Exchange& exchange, const amqp::MessagePtr& waiting, std::int64_t due_ms); // true: wait for the commit
    void release_due(Exchange& exchange);
    void continue_release(Exchange& exchange);
    void schedule(Exchange& exchange);
    DelayedMessages* find_delayed(std::string_view exchange);
    void read_delayed(storage::QueueId queue);
    void on_delayed_page(storage::QueueId queue, storage::Store::Page page);
    void scan_delayed(Exchange& exchange);
    void on_scanned_page(storage::QueueId queue, const storage::Store::Page& page);
    Exchange* find_by_kept_queue(storage::QueueId queue);

    // dead_lettering.cpp, time.cpp
    struct Dying {
        std::shared_ptr<Queue> queue;
        ReadyMessage message;
        DeathReason reason;
    };
    void bury_some(); // of those that are dying; the rest in the next hold
    void bury(Dying& dying);
    void on_time();
    void set_timer();
    void hold_again(); // as soon as others have had their turn

    // topology.cpp, topology_exchanges.cpp, topology_queues.cpp, topology_bindings.cpp
    static constexpr std::string_view reserved_prefix = "amq.";
    static amqp::Error default_exchange_refused();
    amqp::Result<Exchange*> require_exchange(std::string_view name);
    amqp::Result<Queue*> require_queue(ConnectionPort& port,
                                       std::string_view name); // 404, or 405 if exclusive elsewhere
    Answer create_queue(ChannelPort& channel, DeclareQueue& request);
    Answer declare_reply_queue(const DeclareQueue& request) const;
    void declare_predefined_exchanges();
    static bool is_predefined(std::string_view exchange_name);
    Exchange& add_exchange(Exchange::Definition definition, storage::QueueId kept_queue = 0);
    void delete_exchange(Exchange& exchange);
    void delete_queue(Queue& queue);
    amqp::Error queue_not_found(std::string_view queue_name) const;
    amqp::Error exclusively_locked(const Queue& queue) const;
    storage::QueueId next_queue_id(bool survives);
    Queue& add_queue(Queue::Definition definition);
    amqp::Result<> check_topic(ConnectionPort& port, const Exchange& source, std::string_view routing_key) const;
    amqp::Result<> change_binding(ConnectionPort& port, Exchange& source, Binding binding, bool unbind);
    BoundBinding* add_binding(Exchange& source, Binding binding, bool survives); // null: it was there
    // It is out of its exchange already: returned if it is to be deleted for that, else null.
    Exchange* forget_binding(std::unique_ptr<BoundBinding> bound);
    storage::ExchangeRecord record_of(const Exchange& exchange) const;
    storage::QueueRecord record_of(const Queue& queue) const;
    storage::BindingRecord record_of(const BoundBinding& bound) const;
    void topology_changed() { ++topology_version_; }

    // policies.cpp
    struct PolicyReview { // of everything, in slices, so that nobody waits for a long one
        std::vector<std::string> exchanges, queues;
    };
    void apply_policies(Exchange& exchange);
    void apply_policies(Queue& queue);
    void review_policies();
    void recover_settings();
    void review_slice(PolicyReview review, std::uint64_t revision);
    void set_default_type(DeclareQueue& request) const;
    amqp::Result<> check_queue_limit(std::string_view queue) const;

    // consuming.cpp
    void remove_consumer(Consumer& consumer); // from its queue and its channel; may delete the queue
    void serve_waiting_gets(Queue& queue);

    void remove_topology_if_empty();

    struct WaitingGet {
        ChannelPort* channel;
        ConsumerPtr consumer;
        std::uint64_t reservation;
    };

    const std::string name_;
    const storage::ShardId shard_;
    std::atomic<std::shared_ptr<const storage::VirtualHostRecord>> record_; // replaced whole by the management API
    const Environment environment_;
    Strand strand_;
    Commits commits_;

    // All messages of one kind that are in memory, together. Outlive the exchanges.
    static constexpr std::uint64_t max_delayed_bytes = 64 << 20;
    static constexpr std::uint64_t max_history_bytes = 64 << 20;
    MemoryBudget delayed_memory_{max_delayed_bytes};
    MemoryBudget history_memory_{max_history_bytes};
    std::unordered_map<storage::QueueId, Exchange*> by_kept_queue_;
    std::vector<amqp::MessagePtr> traces_;
    std::vector<storage::QueueId> delayed_reads_; // to be read when the strand is left
    static constexpr unsigned sleepers_per_hold = 64;

    VirtualHostSettings settings_;
    std::uint64_t recovered_policies_ = 0;          // the revision that was applied at start
    std::atomic<std::int64_t> max_connections_{-1}; // of the settings, for other threads; negative: none
    Exchanges exchanges_;
    Queues queues_;
    std::unordered_set<ConnectionPort*> connections_;
    std::uint64_t topology_version_ = 1; // of everything that routing depends on
    std::uint64_t last_queue_number_ = 0;
    ReplyConsumers reply_consumers_;
    Matches matches_;
    VirtualHostCounts<Counter> counters_;
    std::uint64_t hold_ = 1;
    HoldClock hold_clock_{environment_.clock, hold_};
    std::deque<Dying> dying_;
    Timers timers_;
    std::int64_t timer_set_to_ms_ = never_ms;
    std::unique_ptr<Timer> timer_;

    Teller teller_;
    std::vector<ConnectionPort*> dirty_ports_;
    CommitGate gate_{commits_, counters_.confirmed};
    std::vector<std::shared_ptr<Queue>> pages_wanted_;
    std::vector<std::shared_ptr<Queue>> delivered_queues_;
    std::unordered_map<Queue*, std::vector<WaitingGet>> waiting_gets_;
    std::vector<storage::BindingRecord> recovered_bindings_;
    std::unordered_map<storage::QueueId, Queue*> recovered_queues_;
    std::function<void()> on_removed_; // set: the virtual host goes when its last connection has gone
};

} // namespace broker
