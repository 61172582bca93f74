// A session between twins: bytes or frames in, frames and commands out as lines of text. Time stands still unless it is
// advanced. `open()` makes the handshake, `open_channel()` also the channel and both ends' formalities.
#pragma once

#include "broker/session/session.hpp"
#include "tests/support/amqp_frames.hpp"
#include "tests/support/session_twins.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace test {

inline const amqp::FieldTable all_client_capabilities{
    {"authentication_failure_close", true}, {"consumer_cancel_notify", true}, {"connection.blocked", true}};

class TestSession {
 public:
    explicit TestSession(broker::SessionConfig session_config = {}) : config(std::move(session_config)) {}

    // Bytes in. All that is complete must be used up, but where a test says otherwise.
    void feed(std::string_view bytes) {
        input_ += bytes;
        input_.erase(0, session.on_bytes(input_, now));
        session.submit();
    }
    template <amqp::Method M>
    void send(amqp::ChannelNumber channel, const M& method) {
        feed(frame(channel, method));
    }
    std::size_t unread() const { return input_.size(); }

    // Events in.
    template <class... Events>
    void events(Events&&... several) {
        broker::EventBatch batch;
        (batch.emplace_back(std::forward<Events>(several)), ...);
        session.on_events(std::move(batch), now);
    }
    template <class R>
    void reply(amqp::ChannelNumber channel, R&& answer) {
        events(broker::Replied{channel, std::make_unique<broker::Reply>(std::forward<R>(answer))});
    }
    template <amqp::Method Ok>
    void done(amqp::ChannelNumber channel) {
        reply(channel, broker::Done{Ok::id});
    }
    void channel_failed(amqp::Error error, amqp::MethodId method = {}) { // channel 1
        events(broker::ChannelFailed{1, std::make_unique<broker::Failure>(broker::Failure{error, method})});
    }
    void connection_failed(amqp::Error error, amqp::MethodId method = {}) {
        events(broker::ConnectionFailed{std::make_unique<broker::Failure>(broker::Failure{error, method})});
    }
    void tick(std::chrono::milliseconds later) {
        now += later;
        session.on_tick(now);
    }

    // What came out since the last time.
    std::string sent_bytes() {
        std::string bytes;
        while (!session.outbox().empty()) {
            std::array<iovec, 8> pieces;
            const std::size_t count = session.outbox().fill(pieces);
            std::size_t size = 0;
            for (std::size_t i = 0; i < count; ++i) {
                bytes.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
                size += pieces[i].iov_len;
            }
            session.outbox().consume(size);
        }
        return bytes;
    }
    Lines sent() { return frame_lines(sent_bytes()); }
    Lines commands() {
        Lines lines;
        for (const broker::Command& command : transport.commands) {
            lines.push_back(command_text(command));
        }
        transport.commands.clear();
        return lines;
    }

    // The handshake.
    static std::string start_ok(const amqp::FieldTable& capabilities = all_client_capabilities) {
        const std::string properties = amqp::FieldTable{{"capabilities", capabilities}}.encode();
        return frame(0, amqp::connection::StartOk{
                            {properties}, {"PLAIN"}, {std::string_view("\0alice\0secret", 13)}, {"en_US"}});
    }
    broker::AuthResult accepted() const { return {broker::AuthResult::Status::accepted, authenticator.user(), {}}; }
    void start(const amqp::FieldTable& capabilities = all_client_capabilities) {
        feed(amqp::protocol_header);
        feed(start_ok(capabilities));
    }
    void login(const amqp::FieldTable& capabilities = all_client_capabilities) {
        start(capabilities);
        session.on_authenticated(accepted());
    }
    TestSession& open(amqp::connection::TuneOk tune = {2047, 131'072, 60},
                      const amqp::FieldTable& capabilities = all_client_capabilities) {
        login(capabilities);
        send(0, tune);
        send(0, amqp::connection::Open{.virtual_host = {"/"}});
        sent_bytes();
        return *this;
    }
    TestSession& open_channel(amqp::ChannelNumber number = 1) {
        send(number, amqp::channel::Open{});
        done<amqp::channel::OpenOk>(number);
        sent_bytes();
        commands();
        return *this;
    }

    // A consumer that the virtual host has accepted, and deliveries to it.
    broker::ConsumerPtr consume(amqp::ChannelNumber channel, std::string_view queue, std::string_view tag,
                                bool no_ack = false) {
        send(channel, amqp::basic::Consume{.queue = {queue}, .consumer_tag = {tag}, .no_ack = no_ack});
        auto& boxed = std::get<std::unique_ptr<broker::BoxedRequest>>(transport.commands.back().what);
        const broker::ConsumerPtr consumer = std::get<broker::Consume>(boxed->request).consumer;
        reply(channel, broker::ConsumeOk{consumer});
        sent_bytes();
        commands();
        return consumer;
    }
    static broker::Deliver delivery(const broker::ConsumerPtr& consumer, storage::Sequence sequence,
                                    std::string_view body = "hello", bool redelivered = false) {
        return {consumer.get(), message(body), sequence, storage::StoredMessage::no_expiry, 0, redelivered};
    }
    static amqp::MessagePtr message(std::string_view body) {
        return amqp::Message::make("e", "k", amqp::BasicProperties{}.encode(), body);
    }

    broker::SessionConfig config;
    broker::TimePoint now{std::chrono::hours(1)};
    RecordingTransport transport;
    FakeAuthenticator authenticator;
    CountingRandom random;
    broker::Session session{transport, authenticator, config, {"127.0.0.1:1 -> 127.0.0.1:2", now}, random};

 private:
    std::string input_;
};

} // namespace test
