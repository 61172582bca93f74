// How channels and connections begin and end. A mistake that the session finds goes to the virtual host and comes back
// as ChannelFailed or ConnectionFailed, so that it keeps its place behind the answers to what came before it.
//
//   channel      open --mistake--> failing --ChannelFailed--> closed_by_error --close-ok and ChannelClosed--> (free)
//                open --channel.close--> closing --ChannelStopped, ChannelClosed--> (close-ok, free)
//   connection   running --mistake--> failing --ConnectionFailed--> closing --close-ok or time--> over
//                running --connection.close--> stopping --ConnectionStopped, ConnectionClosed--> (close-ok) over
#include "broker/session/session.hpp"

#include <algorithm>

namespace broker {

namespace {

constexpr std::chrono::seconds max_close_grace{30}; // for the client's close-ok [P23]

amqp::Error channel_not_open() {
    return amqp::channel_error("expected 'channel.open'");
}

} // namespace

// --- Channels -------------------------------------------------------------------------------------------------------

amqp::Result<> Session::open_channel(amqp::ChannelNumber number) {
    if (Channel* const channel = channels_.for_client(number)) {
        const amqp::Result<> expected = channel->expect_method();
        if (channel->state == Channel::State::open) {
            return expected ? amqp::channel_error("second 'channel.open' seen") : expected.error();
        }
        if (channel->state != Channel::State::closed_by_error || !channel->close_received) {
            return {};
        }
        // The two closes crossed, and our close-ok was enough for this client.
        channels_.end_for_client(number);
    }
    const std::size_t open = channels_.open();
    if (handshake_.channel_max() != 0 && open >= handshake_.channel_max()) { // [F7]
        return amqp::not_allowed("number of channels opened (" + std::to_string(open) +
                                 ") has reached the negotiated channel_max (" +
                                 std::to_string(handshake_.channel_max()) + ")");
    }
    amqp::Result<ChannelClaim> claim = transport_.claim_channel(connection_.access.user());
    if (!claim) {
        return claim.error();
    }
    channels_.add(number, connection_).claim = std::move(*claim);
    request(number, OpenChannel{}, amqp::channel::Open::id);
    return {};
}

amqp::Result<> Session::on_channel_close(amqp::ChannelNumber number) {
    Channel* const channel = channels_.for_client(number);
    if (channel == nullptr) {
        return channel_not_open();
    }
    switch (channel->state) {
    case Channel::State::open: {
        const amqp::Result<> expected = channel->expect_method();
        if (!expected) {
            return expected;
        }
        channel->state = Channel::State::closing;
        channel->close_received = true;
        request(number, StopChannel{}, amqp::channel::Close::id);
        break;
    }
    case Channel::State::failing:
        channel->close_received = true; // answered after our own close
        break;
    case Channel::State::closing:
        break;
    case Channel::State::closed_by_error:
        channel->close_received = true;
        connection_.outbox.write(number, amqp::channel::CloseOk{});
        break;
    }
    return {};
}

amqp::Result<> Session::on_channel_close_ok(amqp::ChannelNumber number) {
    Channel* const channel = channels_.for_client(number);
    if (channel == nullptr) {
        return channel_not_open();
    }
    if (channel->state == Channel::State::open) {
        return amqp::command_invalid("unimplemented method");
    }
    if (channel->state == Channel::State::closed_by_error) {
        channels_.end_for_client(number);
    }
    return {};
}

// The only place that closes a channel. The virtual host has stopped it.
void Session::close_channel(Channel& channel, const Failure& failure) {
    const std::string text = failure.error.reply_text();
    connection_.outbox.write(channel.number(), amqp::channel::Close{static_cast<std::uint16_t>(failure.error.code),
                                                                    {text},
                                                                    failure.method.class_id,
                                                                    failure.method.method_id});
    if (channel.close_received) {
        connection_.outbox.write(channel.number(), amqp::channel::CloseOk{});
    }
    channel.state = Channel::State::closed_by_error;
    channel.return_all();
    request(channel.number(), FinishChannel{});
}

// --- Mistakes -------------------------------------------------------------------------------------------------------

void Session::fail(amqp::ChannelNumber number, const amqp::Error& error, amqp::MethodId method) {
    Channel* const channel = number == 0 ? nullptr : channels_.for_client(number);
    if (error.scope == amqp::Scope::connection || channel == nullptr) {
        fail_connection(error, method);
        return;
    }
    channel->state = Channel::State::failing;
    request(number, FailChannel{error}, method);
}

void Session::fail_connection(const amqp::Error& error, amqp::MethodId method) {
    switch (state_) {
    case State::handshake:
        if (handshake_.is_told(error)) {
            close_connection({error, method});
        } else {
            end(linger_time);
        }
        break;
    case State::running:
        state_ = State::failing;
        leaving_ = true;
        request(0, FailConnection{error}, method);
        break;
    case State::closing:
        if (unreadable_) {
            end(linger_time);
        }
        break;
    case State::failing:
    case State::stopping:
    case State::over:
        break;
    }
}

// --- The connection -------------------------------------------------------------------------------------------------

amqp::Result<> Session::on(const amqp::connection::Close&) {
    switch (state_) {
    case State::handshake:
        connection_.outbox.write(0, amqp::connection::CloseOk{});
        end(std::chrono::milliseconds::zero());
        break;
    case State::running:
        state_ = State::stopping;
        close_received_ = true;
        stop_connection();
        break;
    case State::failing:
        close_received_ = true; // answered after our own close
        break;
    case State::closing:
        connection_.outbox.write(0, amqp::connection::CloseOk{});
        break;
    case State::stopping:
    case State::over:
        break;
    }
    return {};
}

amqp::Result<> Session::on(const amqp::connection::CloseOk&) {
    switch (state_) {
    case State::handshake:
    case State::running:
        return handshake_.unexpected_method();
    case State::closing:
        end(std::chrono::milliseconds::zero());
        break;
    case State::failing:
    case State::stopping:
    case State::over:
        break;
    }
    return {};
}

// The only place that closes a connection. The virtual host, if there is one, has stopped all channels.
void Session::close_connection(const Failure& failure) {
    const std::string text = failure.error.reply_text();
    connection_.outbox.write(0, amqp::connection::Close{static_cast<std::uint16_t>(failure.error.code),
                                                        {text},
                                                        failure.method.class_id,
                                                        failure.method.method_id});
    if (close_received_) {
        connection_.outbox.write(0, amqp::connection::CloseOk{});
    }
    const std::chrono::seconds heartbeat = heartbeat_.interval();
    deadline_ = connection_.now + (heartbeat.count() == 0 ? max_close_grace : std::min(heartbeat, max_close_grace));
    state_ = State::closing;
    if (unreadable_) {
        end(linger_time);
    }
}

void Session::stop_connection() {
    leaving_ = true;
    channels_.for_each([](Channel& channel) {
        if (channel.state == Channel::State::open) {
            channel.state = Channel::State::closing;
        }
    });
    request(0, StopConnection{});
}

// Everything goes back to the queues, then the virtual host may forget us.
void Session::return_all() {
    if (returned_) {
        return;
    }
    leaving_ = returned_ = true;
    channels_.for_each([](Channel& channel) { channel.return_all(); });
    request(0, FinishConnection{});
}

void Session::on_disconnected() {
    end(std::chrono::milliseconds::zero());
    submit();
}

void Session::end(std::chrono::milliseconds delay) {
    if (state_ == State::over) {
        return;
    }
    state_ = State::over;
    if (joined_ && !leaving_) {
        stop_connection();
    }
    transport_.close_socket(delay);
}

} // namespace broker
