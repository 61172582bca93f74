// What the virtual host says, to frames.
#include "broker/session/session.hpp"

#include <algorithm>
#include <variant>

namespace broker {

struct Session::EventHandler {
    Session& session;

    Channel& channel(amqp::ChannelNumber number) const { return session.channels_.for_virtual_host(number); }

    void operator()(Deliver& event) const { channel(event.consumer->options().channel).deliver(event); }
    void operator()(Confirmed& event) const {
        Channel* const publisher = session.channels_.find_for_virtual_host(event.channel);
        if (publisher == nullptr) {
            return; // a commit may end after the channel that waited for it
        }
        publisher->on_confirmed(event);
        auto& confirming = session.confirming_;
        if (confirming.empty() || confirming.back() != event.channel) {
            confirming.push_back(event.channel);
        }
    }
    void operator()(Returned& event) const { channel(event.channel).on_returned(event); }
    void operator()(GetOk& event) const { channel(event.delivery.consumer->options().channel).on_get_ok(event); }
    void operator()(Replied& event) const { channel(event.channel).on_reply(*event.reply); }
    void operator()(ConsumerGone& event) const {
        channel(event.consumer->options().channel).on_consumer_gone(event.consumer);
    }

    void operator()(PublisherPace&) const {} // between the virtual host and net::Connection

    // When the connection has ended meanwhile, all channels have been dealt with.
    void operator()(ChannelFailed& event) const {
        session.flush_confirms();
        if (!session.returned_) {
            session.close_channel(channel(event.channel), *event.failure);
        }
    }
    void operator()(ChannelStopped& event) const {
        session.flush_confirms();
        if (!session.returned_) {
            channel(event.channel).return_all();
            session.request(event.channel, FinishChannel{});
        }
    }
    void operator()(ChannelClosed& event) const {
        session.flush_confirms();
        if (channel(event.channel).state == Channel::State::closed_by_error) {
            session.channels_.end_for_virtual_host(event.channel);
            return;
        }
        if (session.state_ != State::closing) {
            session.connection_.outbox.write(event.channel, amqp::channel::CloseOk{});
        }
        session.channels_.end_for_both(event.channel);
    }

    void operator()(ConnectionFailed& event) const {
        session.flush_confirms();
        if (session.state_ != State::over && session.state_ != State::closing) {
            session.close_connection(*event.failure);
        }
        session.return_all();
    }
    void operator()(ConnectionStopped&) const {
        session.flush_confirms();
        session.return_all();
    }
    void operator()(ConnectionClosed&) const {
        session.flush_confirms();
        session.channels_.clear();
        session.released_ = true;
        if (session.state_ == State::stopping) {
            session.connection_.outbox.write(0, amqp::connection::CloseOk{});
            // The client closes the socket; cutting it now would fail what other threads of his are still writing.
            session.end(Session::linger_time);
        }
    }
};

void Session::on_events(EventBatch&& events, TimePoint now) {
    connection_.now = now;
    waits_for_get_ = false; // or so: whoever must wait longer will say so again
    const bool muted = state_ == State::over;
    EventHandler handle{*this};
    for (Event& event : events) {
        if (auto* const delivery = std::get_if<Deliver>(&event)) [[likely]] { // most are: not through visit's table
            handle(*delivery);
        } else {
            std::visit(handle, event);
        }
    }
    flush_confirms();
    if (muted) {
        connection_.outbox.discard(); // nobody will read the answers
    }
    submit();
}

// Confirms of a batch are written together [K8], but before what ends their channel. A commit may end after our
// connection.close, which nothing may follow.
void Session::flush_confirms() {
    if (state_ == State::closing) {
        confirming_.clear();
        return;
    }
    for (const amqp::ChannelNumber number : confirming_) {
        channels_.for_virtual_host(number).flush_confirms();
    }
    confirming_.clear();
}

SessionSnapshot Session::snapshot() const {
    SessionSnapshot snapshot{
        .name = peer_.name,
        .state = std::string(handshake_.phase_name()),
        .user = connection_.access.user_name(),
        .virtual_host = connection_.access.virtual_host(),
        .protocol = "AMQP 0-9-1",
        .auth_mechanism = handshake_.mechanism(),
        .channel_max = handshake_.channel_max(),
        .frame_max = static_cast<std::uint32_t>(connection_.frame_max),
        .timeout_s = handshake_.heartbeat_s(),
        .octets_received = received_,
        .octets_sent = connection_.outbox.written(),
        .octets_pending = connection_.outbox.bytes(),
        .connected_at = peer_.connected_at,
        .client_properties = handshake_.client_properties(),
        .channels = {},
    };
    if (state_ == State::running && alarms_.any()) {
        snapshot.state = blocked_ ? "blocked" : "blocking";
    }
    if (state_ == State::over) {
        snapshot.state = "closed";
    } else if (state_ != State::handshake && state_ != State::running) {
        snapshot.state = "closing";
    }
    channels_.for_each([&](const Channel& channel) { snapshot.channels.push_back(channel.snapshot()); });
    std::ranges::sort(snapshot.channels, {}, &ChannelSnapshot::number);
    return snapshot;
}

} // namespace broker
