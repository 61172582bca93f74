#include "broker/session/session.hpp"

#include "protocol/method_codec.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace broker {

namespace {

constexpr std::size_t large_read = 4096;
// From here on a body frame is worth a system call that reads little else. Copied, 64 KiB cost 15 % more CPU than that;
// read so, 32 KiB cost 12 % more than copied, 16 KiB 20 %.
constexpr std::size_t large_body = 48 << 10;

// RabbitMQ's words for a frame that has no business on its channel [F4].
amqp::Error misplaced(const amqp::Frame& frame) {
    constexpr std::size_t snippet_size = 16;
    std::string text = "type " + std::to_string(static_cast<unsigned>(frame.type));
    text += frame.payload.size() <= snippet_size ? ", all octets = <<" : ", first 16 octets = <<";
    std::string_view separator;
    for (const char octet : frame.payload.substr(0, snippet_size)) {
        text.append(separator).append(std::to_string(static_cast<unsigned char>(octet)));
        separator = ",";
    }
    return amqp::unexpected_frame(text + ">>");
}

bool is_any_of(amqp::Bytes payload, std::initializer_list<amqp::MethodId> ids) {
    const amqp::Result<amqp::MethodId> id = amqp::method_id(payload);
    return id && std::ranges::find(ids, *id) != ids.end();
}

// The method to name in a close: none where RabbitMQ does not know one [F9, F11].
amqp::MethodId failing_method(const amqp::Frame& frame, const amqp::Error& error) {
    if (error.code == amqp::ReplyCode::internal_error) {
        return {};
    }
    if (frame.type != amqp::FrameType::method) {
        return amqp::basic::Publish::id;
    }
    const amqp::Result<amqp::MethodId> id = amqp::method_id(frame.payload);
    return id ? *id : amqp::MethodId{};
}

} // namespace

struct Session::ChannelLifeCycleHandler {
    Session& session;
    const amqp::ChannelNumber number;

    amqp::Result<> on(const amqp::channel::Open&) { return session.open_channel(number); }
    amqp::Result<> on(const amqp::channel::Close&) { return session.on_channel_close(number); }
    amqp::Result<> on(const amqp::channel::CloseOk&) { return session.on_channel_close_ok(number); }
};

Session::Session(Transport& transport, const Authenticator& authenticator, const SessionConfig& config, PeerInfo peer,
                 RandomSource& random)
    : transport_(transport),
      peer_(std::move(peer)),
      connection_{config, random, AccessControl(authenticator)},
      handshake_(transport, connection_),
      parser_(config.initial_frame_max),
      deadline_(peer_.connected_at + std::chrono::milliseconds(config.handshake_timeout_ms)) {
    connection_.now = peer_.connected_at;
}

std::size_t Session::on_bytes(amqp::Bytes input, TimePoint now) {
    connection_.now = now;
    received_ += input.size() - unread_;
    take_permissions();
    holds_publishes_ = blocked_;
    if (input.size() >= large_read) { // it brings about as many as the last: growing step by step moves each twice
        connection_.commands.reserve(usual_commands_);
    }
    std::size_t used = body_frame_ ? take_body(input) : 0;
    while (wants_input()) {
        const amqp::Bytes rest = input.substr(used);
        const std::size_t taken = handshake_.phase() == Handshake::Phase::header ? take_header(rest) : take_frame(rest);
        if (taken == 0) {
            break;
        }
        used += taken;
    }
    if (state_ == State::over || unreadable_) {
        used = input.size();
    }
    unread_ = input.size() - used;
    return used;
}

std::size_t Session::take_header(amqp::Bytes input) {
    if (input.size() < Handshake::header_size) {
        return 0;
    }
    if (!handshake_.on_header(input.substr(0, Handshake::header_size))) {
        connection_.outbox.buffer().append(amqp::protocol_header);
        end(std::chrono::milliseconds::zero());
    }
    return Handshake::header_size;
}

std::size_t Session::take_frame(amqp::Bytes input) {
    const amqp::Result<std::optional<amqp::FrameParser::Parsed>> parsed = parser_.next(input);
    if (!parsed) {
        unreadable_ = true;
        fail_connection(parsed.error(), {});
        return 0;
    }
    if (!*parsed) {
        return begin_body(input);
    }
    publish_held_ = false;
    on_frame((*parsed)->frame);
    return waits_for_get_ || publish_held_ ? 0 : (*parsed)->size;
}

// What has come of a body need not be kept and given again, and what is missing can be received where it belongs. A
// frame that is out of place waits until it is complete, to be judged as others are.
std::size_t Session::begin_body(amqp::Bytes input) {
    const std::optional<amqp::FrameParser::Begun> begun = amqp::FrameParser::begun(input);
    if (!begun || begun->type != amqp::FrameType::body || state_ != State::running) {
        return 0;
    }
    Channel* const channel = channels_.for_client(begun->channel);
    if (channel == nullptr || channel->state != Channel::State::open ||
        !channel->assembler().expects_body(begun->payload_size)) {
        return 0;
    }
    body_frame_ = BodyFrame{begun->channel, begun->payload_size, begun->payload_size};
    return amqp::frame_header_size + take_body(input.substr(amqp::frame_header_size));
}

// The channel may have failed since the frame began, but only its client can make an end of it, in another frame; when
// the connection has ended there is none.
std::size_t Session::take_body(amqp::Bytes input) {
    Channel* const channel = channels_.for_client(body_frame_->channel);
    const amqp::Bytes part = input.substr(0, body_frame_->left);
    if (channel != nullptr) {
        channel->assembler().builder().append(part);
    }
    body_frame_->left -= part.size();
    if (part.size() == input.size()) {
        return part.size();
    }
    const BodyFrame frame = *std::exchange(body_frame_, std::nullopt);
    if (static_cast<std::uint8_t>(input[part.size()]) != amqp::frame_end) {
        const amqp::Bytes body = channel == nullptr ? amqp::Bytes() : channel->assembler().builder().body();
        const amqp::Bytes payload = body.substr(body.size() - std::min(body.size(), frame.size));
        unreadable_ = true;
        fail_connection(amqp::FrameParser::bad_end(amqp::FrameType::body, payload, input[part.size()]), {});
        return 0;
    }
    on_frame({amqp::FrameType::body, frame.channel, {}}); // its octets are there already
    return part.size() + 1;
}

std::span<char> Session::body_room() {
    Channel* const channel =
        body_frame_ && body_frame_->size >= large_body ? channels_.for_client(body_frame_->channel) : nullptr;
    if (channel == nullptr) {
        return {};
    }
    const std::span<char> room = channel->assembler().builder().room(large_body);
    return room.first(std::min(room.size(), body_frame_->left));
}

void Session::body_filled(std::size_t octets) {
    received_ += octets;
    body_frame_->left -= octets;
    channels_.for_client(body_frame_->channel)->assembler().builder().filled(octets);
}

void Session::on_frame(const amqp::Frame& frame) {
    const amqp::Result<> result = frame.channel == 0 ? on_connection_frame(frame) : on_channel_frame(frame);
    if (!result) [[unlikely]] {
        fail(frame.channel, result.error(), failing_method(frame, result.error()));
    }
}

amqp::Result<> Session::on_connection_frame(const amqp::Frame& frame) {
    if (frame.type == amqp::FrameType::heartbeat) {
        return {};
    }
    if (frame.type != amqp::FrameType::method) {
        return misplaced(frame);
    }
    const bool ending = state_ != State::handshake && state_ != State::running;
    if (ending && !is_any_of(frame.payload, {amqp::connection::Close::id, amqp::connection::CloseOk::id})) {
        return {}; // [P23]
    }
    return amqp::dispatch<amqp::ServerConnectionMethods>(frame.payload, *this);
}

amqp::Result<> Session::on_channel_frame(const amqp::Frame& frame) {
    if (state_ == State::handshake || frame.type == amqp::FrameType::heartbeat) {
        return misplaced(frame);
    }
    if (state_ != State::running) {
        return {};
    }
    const bool is_method = frame.type == amqp::FrameType::method;
    Channel* const channel = channels_.for_client(frame.channel);
    if (!is_method && channel != nullptr) {
        return channel->state == Channel::State::open ? channel->on_frame(frame) : amqp::Result<>();
    }
    if (is_method &&
        is_any_of(frame.payload, {amqp::channel::Open::id, amqp::channel::Close::id, amqp::channel::CloseOk::id})) {
        return amqp::dispatch<ChannelLifeCycle>(frame.payload, ChannelLifeCycleHandler{*this, frame.channel});
    }
    if (channel == nullptr) {
        return is_method ? amqp::channel_error("expected 'channel.open'")
                         : amqp::unexpected_frame("expected method frame, got non method frame instead");
    }
    if (channel->state != Channel::State::open) {
        return {}; // [C35]
    }
    if (alarms_.any() && is_any_of(frame.payload, {amqp::basic::Publish::id}) && must_hold_publish()) [[unlikely]] {
        return {};
    }
    if (channel->must_wait(frame.payload)) [[unlikely]] {
        waits_for_get_ = true;
        return {};
    }
    return channel->on_frame(frame);
}

void Session::on_authenticated(const AuthResult& result) {
    if (state_ != State::handshake) {
        return; // it took too long, or the peer went away
    }
    const amqp::Result<> authenticated = handshake_.on_authenticated(result);
    if (authenticated) {
        return;
    }
    fail_connection(authenticated.error(), {});
    end(linger_time); // close-ok or not [P17]
}

amqp::Result<> Session::on(const amqp::connection::StartOk& method) {
    return handshake_.on(method);
}

amqp::Result<> Session::on(const amqp::connection::SecureOk&) {
    return handshake_.unexpected_method(); // no mechanism that we offer has a challenge
}

amqp::Result<> Session::on(const amqp::connection::TuneOk& method) {
    const amqp::Result<> tuned = handshake_.on(method);
    if (!tuned) {
        if (tuned.error().code != amqp::ReplyCode::not_allowed) {
            return tuned;
        }
        fail_connection(tuned.error(), amqp::connection::Tune::id); // [P19] names our tune, not its answer
        return {};
    }
    parser_.set_frame_max(connection_.frame_max);
    heartbeat_.start(std::chrono::seconds(handshake_.heartbeat_s()), connection_.now, received_);
    return {};
}

amqp::Result<> Session::on(const amqp::connection::Open& method) {
    const amqp::Result<> opened = handshake_.on(method);
    if (opened) {
        joined_ = true;
        state_ = State::running;
        restrict_topics();
    }
    return opened;
}

// Nothing to refresh for users with passwords.
amqp::Result<> Session::on(const amqp::connection::UpdateSecret&) {
    if (state_ != State::running) {
        return handshake_.unexpected_method();
    }
    connection_.outbox.write(0, amqp::connection::UpdateSecretOk{});
    return {};
}

void Session::on_tick(TimePoint now) {
    connection_.now = now;
    switch (state_) {
    case State::over:
        return;
    case State::handshake:
    case State::closing:
        if (now >= deadline_) {
            give_up();
            return;
        }
        break;
    case State::running:
        check_timeouts();
        break;
    case State::failing:
    case State::stopping:
        break;
    }
    switch (heartbeat_.on_tick(now, received_, connection_.outbox.written())) {
    case Heartbeat::Action::none:
        break;
    case Heartbeat::Action::send:
        if (state_ != State::closing) {
            amqp::write_heartbeat(connection_.outbox.buffer());
        }
        break;
    case Heartbeat::Action::give_up: // without a word [H4]
        give_up();
        return;
    }
    connection_.outbox.release_memory();
}

void Session::check_timeouts() {
    channels_.for_each([&](Channel& channel) {
        if (const amqp::Result<> checked = channel.check_timeouts(); !checked) {
            fail(channel.number(), checked.error(), {});
        }
    });
    submit();
}

void Session::give_up() {
    connection_.outbox.discard(); // the peer does not read either
    end(std::chrono::milliseconds::zero());
    submit();
}

void Session::resume_deliveries() {
    if (state_ == State::running) {
        request(0, ResumeDeliveries{});
        submit();
    }
}

void Session::request(amqp::ChannelNumber channel, Request request, amqp::MethodId method) {
    connection_.commands.push_back(
        {channel, std::make_unique<BoxedRequest>(BoxedRequest{method, false, std::move(request)})});
}

void Session::submit() {
    if (!connection_.commands.empty()) {
        usual_commands_ = connection_.commands.size();
        transport_.submit(std::exchange(connection_.commands, {}));
    }
}

} // namespace broker
