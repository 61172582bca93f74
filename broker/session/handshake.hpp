// The beginning of a connection [section 1.1], as a list of phases:
//     protocol header -> start -> start-ok -> (login) -> tune -> tune-ok -> open -> open-ok
// Owned by the Session, used on the connection's network thread. It keeps what was negotiated; what a mistake leads to
// is the Session's business, but the rule which mistakes the client is told of is here [P22].
#pragma once

#include "broker/auth/authenticator.hpp"
#include "broker/session/connection_context.hpp"
#include "broker/session/transport.hpp"
#include "protocol/methods/connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace broker {

class Handshake {
 public:
    enum class Phase : std::uint8_t { header, starting, authenticating, tuning, opening, running };

    static constexpr std::size_t header_size = 8;

    Handshake(Transport& transport, ConnectionContext& connection) : transport_(transport), connection_(connection) {}

    // Answers the protocol header with connection.start; false if it is none of ours [P1].
    bool on_header(amqp::Bytes header);

    amqp::Result<> on(const amqp::connection::StartOk& method);
    amqp::Result<> on(const amqp::connection::TuneOk& method);
    amqp::Result<> on(const amqp::connection::Open& method);
    amqp::Result<> on_authenticated(const AuthResult& result);

    Phase phase() const { return phase_; }
    std::string_view phase_name() const;
    // A method that does not belong here [P21].
    amqp::Error unexpected_method() const;
    // Before connection.open, mistakes are answered with silence but for refused logins of clients that can take it
    // [P17] and impossible limits [P19].
    bool is_told(const amqp::Error& error) const;

    // What was negotiated.
    const std::string& mechanism() const { return mechanism_; }
    const amqp::FieldTable& client_properties() const { return client_properties_; }
    std::uint16_t channel_max() const { return channel_max_; } // 0: no limit
    std::uint16_t heartbeat_s() const { return heartbeat_s_; }

 private:
    Transport& transport_;
    ConnectionContext& connection_;
    Phase phase_ = Phase::header;

    std::string mechanism_;
    amqp::FieldTable client_properties_;
    std::uint16_t channel_max_ = 0;
    std::uint16_t heartbeat_s_ = 0;
};

} // namespace broker
