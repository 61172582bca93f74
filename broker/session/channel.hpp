// One AMQP channel: its methods become commands for the virtual host, the virtual host's events become its frames.
// Owned by the Session, used on the connection's network thread. Methods are implemented by AMQP class in
// channel_*.cpp; a handler returns an error and never sends one: only the Session closes channels, and keeps each
// channel's life cycle.
#pragma once

#include "broker/core/commands.hpp"
#include "broker/core/events.hpp"
#include "broker/session/confirm_tracker.hpp"
#include "broker/session/connection_context.hpp"
#include "broker/session/content_assembler.hpp"
#include "broker/session/delivery_ledger.hpp"
#include "broker/session/snapshot.hpp"
#include "broker/session/transaction.hpp"
#include "protocol/frame.hpp"
#include "protocol/methods.hpp"

#include <boost/mp11/algorithm.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace broker {

// The methods that begin and end a channel are the Session's; all others are the Channel's.
using ChannelLifeCycle = amqp::MethodList<amqp::channel::Open, amqp::channel::Close, amqp::channel::CloseOk>;
using ChannelMethods = boost::mp11::mp_set_difference<amqp::ServerChannelMethods, ChannelLifeCycle>;

class Channel {
 public:
    enum class State : std::uint8_t {
        open,
        failing,         // a mistake is on its way to the virtual host: what the client sends is ignored
        closing,         // channel.close came: the same
        closed_by_error, // channel.close was sent
    };

    Channel(amqp::ChannelNumber number, ConnectionContext& connection);

    amqp::ChannelNumber number() const { return number_; }

    // The life cycle, which the Session keeps.
    State state = State::open;
    bool close_received = false;       // a channel.close that crosses ours
    bool released = false;             // the virtual host has nothing more to say about it
    std::shared_ptr<const void> claim; // its place in the limits of user and node

    // Whether a method may come now: not within a content.
    amqp::Result<> expect_method() const { return assembler_.expect_method(); }
    // Whether the method must be given again after the next events: a client may send basic.get and at once
    // settle what it brings, but only the answer tells what that is. Nor may it ask for more than we can hold.
    bool must_wait(amqp::Bytes method) const;
    // A method of ChannelMethods, or a content frame.
    amqp::Result<> on_frame(const amqp::Frame& frame);
    ContentAssembler& assembler() { return assembler_; } // for body frames that are taken while they come

    // Events.
    void deliver(Deliver& delivery);
    void on_get_ok(GetOk& event);
    void on_confirmed(const Confirmed& event) { confirms_.settle(event.first, event.count, event.accepted); }
    void flush_confirms(); // once per batch of events
    void on_returned(const Returned& event);
    void on_reply(Reply& reply);
    void on_consumer_gone(const ConsumerPtr& consumer);

    // Cancels the consumers of queues that the user may not read any more.
    void cancel_unreadable();

    // Whether a delivery has waited for its acknowledgement for too long [C33]; to be called now and then.
    amqp::Result<> check_timeouts() const;

    // Gives everything that is not settled back to the queues: the end of every channel.
    void return_all();

    ChannelSnapshot snapshot() const;

    // Handlers, see amqp::dispatch.
    amqp::Result<> on(const amqp::channel::Flow& method);
    amqp::Result<> on(const amqp::access::Request& method);
    amqp::Result<> on(const amqp::exchange::Declare& method);
    amqp::Result<> on(const amqp::exchange::Delete& method);
    amqp::Result<> on(const amqp::exchange::Bind& method);
    amqp::Result<> on(const amqp::exchange::Unbind& method);
    amqp::Result<> on(const amqp::queue::Declare& method);
    amqp::Result<> on(const amqp::queue::Bind& method);
    amqp::Result<> on(const amqp::queue::Unbind& method);
    amqp::Result<> on(const amqp::queue::Purge& method);
    amqp::Result<> on(const amqp::queue::Delete& method);
    amqp::Result<> on(const amqp::basic::Qos& method);
    amqp::Result<> on(const amqp::basic::Consume& method);
    amqp::Result<> on(const amqp::basic::Cancel& method);
    amqp::Result<> on(const amqp::basic::CancelOk& method);
    amqp::Result<> on(const amqp::basic::Publish& method);
    amqp::Result<> on(const amqp::basic::Get& method);
    amqp::Result<> on(const amqp::basic::Ack& method);
    amqp::Result<> on(const amqp::basic::Reject& method);
    amqp::Result<> on(const amqp::basic::Nack& method);
    amqp::Result<> on(const amqp::basic::RecoverAsync& method);
    amqp::Result<> on(const amqp::basic::Recover& method);
    amqp::Result<> on(const amqp::confirm::Select& method);
    amqp::Result<> on(const amqp::tx::Select& method);
    amqp::Result<> on(const amqp::tx::Commit& method);
    amqp::Result<> on(const amqp::tx::Rollback& method);

 private:
    enum class Mode : std::uint8_t { plain, confirm, tx };
    using Settlement = Transaction::Settlement;
    static constexpr std::int64_t for_ever = INT64_MAX;

    static constexpr std::size_t max_unanswered_gets = 256;

    enum class Farewell : std::uint8_t { cancel_ok, none /* no-wait */, cancel /* the server's own */ };
    struct Cancelled { // Cancel is on its way to the virtual host
        ConsumerPtr consumer;
        Farewell farewell;
    };
    using Consumers = std::map<std::string, ConsumerPtr, std::less<>>; // by tag

    // Commands.
    template <class What>
    void submit(What&& what) {
        connection_.commands.emplace_back(number_, std::forward<What>(what)); // made where it stays
    }
    template <amqp::Method M>
    void request(Request request, bool no_wait = false) {
        submit(std::make_unique<BoxedRequest>(BoxedRequest{M::id, no_wait, std::move(request)}));
    }
    // An answer that needs nothing of the virtual host but its place among the others.
    template <amqp::Method M, amqp::Method Ok>
    void echo(bool no_wait = false) {
        if (!no_wait) {
            request<M>(Echo{Ok::id});
        }
    }

    // channel_queue.cpp
    amqp::Result<std::string> expand_queue(std::string_view name) const; // empty: the last one declared [C3]
    template <amqp::Method M>
    amqp::Result<> bind_queue(const M& method, bool unbind, bool no_wait);
    amqp::Result<> check_dead_letter_exchange(std::string_view queue, const amqp::FieldTable& arguments);
    // channel_exchange.cpp
    template <amqp::Method M>
    amqp::Result<> bind_exchange(const M& method, bool unbind);
    amqp::Result<> check_alternate_exchange(std::string_view exchange, const amqp::FieldTable& arguments);
    // channel_basic.cpp
    amqp::Result<> publish();
    amqp::Result<> consume_replies(const amqp::basic::Consume& method);
    amqp::Result<std::string> new_tag(std::string_view wanted) const; // wanted or made up; 530 if it is in use
    amqp::Result<> check_publish_permission(std::string_view exchange);
    // channel_settle.cpp
    amqp::Result<> settle(amqp::DeliveryTag tag, bool multiple, Settlement settlement);
    void settle_now(amqp::DeliveryTag tag, bool multiple, Settlement settlement);
    void settle_in_transaction(amqp::DeliveryTag tag, bool multiple, Settlement settlement);
    template <class Visit>
    void take(amqp::DeliveryTag tag, bool multiple, Visit&& visit);
    void acknowledge(Consumer& consumer, const Unacked& unacked);
    void requeue_all();
    // acknowledgement_timeout.cpp
    std::int64_t timeout_ms_of(const Consumer& consumer) const;
    void remember_timeout(const Consumer& consumer); // no more in consumers_, or never was
    // channel_tx.cpp
    amqp::Result<> add_to_transaction(Publish publish);
    void roll_back();

    template <amqp::Method M>
    void write(const M& method, const Deliver& content);
    void enter(Deliver& delivery); // in the ledger
    void on_done(amqp::MethodId ok);
    Consumers::iterator cancel(Consumers::iterator entry, Farewell farewell); // returns the next one
    void on_cancel_ok(const Consumer& consumer);
    void write_cancel(const Consumer& consumer);

    const amqp::ChannelNumber number_;
    ConnectionContext& connection_;
    ContentAssembler assembler_;
    Mode mode_ = Mode::plain;

    DeliveryLedger ledger_;
    ConfirmTracker confirms_;
    Transaction transaction_;
    bool committing_ = false;

    Consumers consumers_;
    std::vector<Cancelled> cancelled_;     // kept alive until the virtual host has let go of them
    std::string reply_address_;            // of direct reply-to; empty: nobody consumes replies
    std::deque<ConsumerPtr> gets_;         // of basic.gets that are not answered
    std::deque<std::string> unknown_tags_; // of basic.cancels that are answered though [C16]

    std::string last_queue_;            // declared on this channel [C3]
    std::uint32_t prefetch_ = 0;        // for consumers to come [C18]
    std::uint32_t global_prefetch_ = 0; // for the whole channel

    std::string writable_exchange_;       // the one that a publish was last permitted to ...
    std::uint64_t writable_revision_ = 0; // ... when the permissions had this number; 0: none yet

    std::int64_t shortest_former_timeout_ms_ = for_ever; // of basic.gets and of cancelled consumers

    ChannelCounters counters_;
    TimePoint last_active_;
};

} // namespace broker
