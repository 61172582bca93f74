// One AMQP connection after the bytes: handshake, channels, and how they end. Owned by net::Connection and used on its
// network thread only: frames in, commands out; events in, frames out. No sockets, no threads, no clock of its own.
// It is the only place that closes channels and connections: everything else returns errors.
#pragma once

#include "broker/auth/authenticator.hpp"
#include "broker/core/alarms.hpp"
#include "broker/core/events.hpp"
#include "broker/session/channel_table.hpp"
#include "broker/session/connection_context.hpp"
#include "broker/session/handshake.hpp"
#include "broker/session/heartbeat.hpp"
#include "broker/session/snapshot.hpp"
#include "broker/session/transport.hpp"
#include "protocol/frame_parser.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace broker {

class Session {
 public:
    // All but `peer` must outlive the session.
    Session(Transport& transport, const Authenticator& authenticator, const SessionConfig& config, PeerInfo peer,
            RandomSource& random);

    // Takes the complete frames at the start of `input`, and what has come of a body frame, and returns how many octets
    // they were; the rest is to be given again, with more behind it. While a login is checked, or a method must wait
    // for the answer to a basic.get, or a basic.publish for the end of an alarm, nothing is taken (wants_input() is
    // false): give the rest again after on_authenticated, on_events and on_alarms.
    std::size_t on_bytes(amqp::Bytes input, TimePoint now);
    // What the frames led to goes to Transport::submit as one batch: to be called after on_bytes, once for several if
    // they follow each other at once.
    void submit();
    bool wants_input() const {
        return state_ != State::over && !unreadable_ && !waits_for_get_ &&
               !(publish_held_ && state_ == State::running) && handshake_.phase() != Handshake::Phase::authenticating;
    }
    // In the middle of a large body frame: where in its message the next octets may be put instead of being given to
    // on_bytes, which has left none then. Empty: nowhere. Valid until anything else is called.
    std::span<char> body_room();
    void body_filled(std::size_t octets); // so many have been put there

    void on_authenticated(const AuthResult& result);
    void on_events(EventBatch&& events, TimePoint now);
    // The alarms of the node as of now: while there is one, who publishes is blocked [L2].
    void on_alarms(const Alarms& alarms, TimePoint now);
    bool alarmed() const { return alarms_.any(); }
    // Some user's, perhaps ours. Without this call they are noticed when the peer sends something.
    void on_permissions_changed(TimePoint now);
    // Handshake limit, heartbeats, acknowledgement timeouts, grace of a close; to be called once a second, or ...
    void on_tick(TimePoint now);
    // ... as often as can be, while what is waited for is shorter than that is good for.
    bool wants_frequent_ticks() const {
        constexpr std::chrono::seconds long_enough{10};
        return state_ != State::running || (heartbeat_.interval().count() != 0 && heartbeat_.interval() < long_enough);
    }
    // The socket is gone.
    void on_disconnected();
    // The outbox has drained, and the virtual host may deliver again.
    void resume_deliveries();

    // What is to be written. Whoever writes it consumes it.
    Outbox& outbox() { return connection_.outbox; }
    // Nothing more will come of it: the socket is closed or about to be, and the virtual host has let go.
    bool finished() const { return state_ == State::over && (!joined_ || released_); }

    SessionSnapshot snapshot() const;

    // Methods of channel 0, see amqp::dispatch.
    amqp::Result<> on(const amqp::connection::StartOk& method);
    amqp::Result<> on(const amqp::connection::SecureOk& method);
    amqp::Result<> on(const amqp::connection::TuneOk& method);
    amqp::Result<> on(const amqp::connection::Open& method);
    amqp::Result<> on(const amqp::connection::Close& method);
    amqp::Result<> on(const amqp::connection::CloseOk& method);
    amqp::Result<> on(const amqp::connection::UpdateSecret& method);

 private:
    enum class State : std::uint8_t {
        handshake,
        running,
        failing,  // a mistake is on its way to the virtual host
        stopping, // connection.close came, the virtual host is told
        closing,  // connection.close was sent
        over,     // the socket is closed, or will be
    };
    // So long the socket stays open behind our last word: it slows down who tries passwords, and lets others read it.
    static constexpr std::chrono::milliseconds linger_time{3000};

    struct ChannelLifeCycleHandler;
    struct EventHandler;
    struct BodyFrame { // of which not all has come
        amqp::ChannelNumber channel = 0;
        std::size_t size = 0;
        std::size_t left = 0; // of its payload, without the end octet
    };

    // session.cpp
    std::size_t take_header(amqp::Bytes input);
    std::size_t take_frame(amqp::Bytes input);
    std::size_t begin_body(amqp::Bytes input);
    std::size_t take_body(amqp::Bytes input);
    void on_frame(const amqp::Frame& frame);
    amqp::Result<> on_connection_frame(const amqp::Frame& frame);
    amqp::Result<> on_channel_frame(const amqp::Frame& frame);
    void check_timeouts();
    void give_up(); // on a peer that is silent for too long
    void request(amqp::ChannelNumber channel, Request request, amqp::MethodId method = {});

    // session_changes.cpp
    bool must_hold_publish();
    void take_permissions();
    void restrict_topics(); // tells the virtual host when topic permissions have changed

    // session_close.cpp: how channels and connections end.
    amqp::Result<> open_channel(amqp::ChannelNumber number);
    amqp::Result<> on_channel_close(amqp::ChannelNumber number);
    amqp::Result<> on_channel_close_ok(amqp::ChannelNumber number);
    void fail(amqp::ChannelNumber number, const amqp::Error& error, amqp::MethodId method);
    void fail_connection(const amqp::Error& error, amqp::MethodId method);
    void close_channel(Channel& channel, const Failure& failure);
    void close_connection(const Failure& failure);
    void stop_connection();
    void return_all();
    void end(std::chrono::milliseconds delay);

    // session_events.cpp
    void flush_confirms();

    Transport& transport_;
    const PeerInfo peer_;
    ConnectionContext connection_;
    Handshake handshake_;
    amqp::FrameParser parser_;
    Heartbeat heartbeat_;
    ChannelTable channels_;

    State state_ = State::handshake;
    bool joined_ = false;         // a virtual host knows us
    bool leaving_ = false;        // and has been told that we go
    bool returned_ = false;       // it has got everything back
    bool released_ = false;       // and knows us no more
    bool close_received_ = false; // a connection.close that crosses ours
    bool unreadable_ = false;     // after a bad frame nobody knows where the next one starts
    bool waits_for_get_ = false;  // see Channel::must_wait

    Alarms alarms_;                // of the node
    bool blocked_ = false;         // has published during an alarm, and has been told
    bool holds_publishes_ = false; // so it was before this read
    bool publish_held_ = false;    // a basic.publish is the next frame, and must wait

    std::optional<BodyFrame> body_frame_; // that is taken while it comes

    TimePoint deadline_;                          // for the peer: of the handshake, then of its close-ok
    std::size_t unread_ = 0;                      // octets that on_bytes left
    std::size_t usual_commands_ = 0;              // of one batch
    std::uint64_t received_ = 0;                  // octets in all
    std::vector<amqp::ChannelNumber> confirming_; // channels with confirms to be written at the end of this batch
};

} // namespace broker
