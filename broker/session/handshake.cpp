#include "broker/session/handshake.hpp"

#include "broker/session/server_properties.hpp"
#include "protocol/frame.hpp"

#include <utility>

namespace broker {

namespace {

constexpr std::string_view old_protocol_header{"AMQP\x01\x01\x00\x09", 8}; // of 0-9, taken for 0-9-1
constexpr std::uint32_t channel_min = 1;

ClientCapabilities capabilities_of(const amqp::FieldTable& client_properties) {
    const amqp::FieldValue* const value = client_properties.find("capabilities");
    const auto* const table = value == nullptr ? nullptr : value->get_if<amqp::FieldTable>();
    const auto has = [&](std::string_view name) {
        const amqp::FieldValue* const capability = table == nullptr ? nullptr : table->find(name);
        const bool* const flag = capability == nullptr ? nullptr : capability->get_if<bool>();
        return flag != nullptr && *flag;
    };
    return {has("authentication_failure_close"), has("consumer_cancel_notify"), has("connection.blocked")};
}

// [P19] `offered` 0 is no limit.
amqp::Result<> check_negotiated(std::string_view name, std::uint32_t value, std::uint32_t minimum,
                                std::uint32_t offered) {
    const std::string negotiated = "negotiated " + std::string(name) + " = " + std::to_string(value);
    if (value != 0 && value < minimum) {
        return amqp::not_allowed(negotiated + " is lower than the minimum allowed value (" + std::to_string(minimum) +
                                 ")");
    }
    if (offered != 0 && (value == 0 || value > offered)) {
        return amqp::not_allowed(negotiated + (value == 0 ? " (no limit)" : "") +
                                 " is higher than the maximum allowed value (" + std::to_string(offered) + ")");
    }
    return {};
}

} // namespace

bool Handshake::on_header(amqp::Bytes header) {
    if (header != amqp::protocol_header && header != old_protocol_header) {
        return false;
    }
    const std::string properties = server_properties(connection_.config.product).encode();
    connection_.outbox.write(0, amqp::connection::Start{.version_major = 0,
                                                        .version_minor = 9,
                                                        .server_properties = {properties},
                                                        .mechanisms = {transport_.mechanisms()},
                                                        .locales = {"en_US"}});
    phase_ = Phase::starting;
    return true;
}

amqp::Result<> Handshake::on(const amqp::connection::StartOk& method) {
    if (phase_ != Phase::starting) {
        return unexpected_method();
    }
    amqp::Result<amqp::FieldTable> properties = amqp::FieldTable::decode(method.client_properties);
    if (!properties) {
        return properties.error();
    }
    client_properties_ = std::move(*properties);
    connection_.capabilities = capabilities_of(client_properties_);
    mechanism_ = method.mechanism.value;
    phase_ = Phase::authenticating; // the answer may come within the call
    transport_.authenticate(mechanism_, method.response);
    return {};
}

amqp::Result<> Handshake::on_authenticated(const AuthResult& result) {
    if (!result.accepted()) {
        const bool refused =
            result.status == AuthResult::Status::refused || result.status == AuthResult::Status::loopback_only;
        return refused ? amqp::access_refused("Login was refused using authentication mechanism " + mechanism_ +
                                              ". For details see the broker logfile.")
                       : amqp::syntax_error("malformed login"); // never told
    }
    connection_.access.login(result.user);
    const SessionConfig& config = connection_.config;
    connection_.outbox.write(0, amqp::connection::Tune{config.channel_max, config.frame_max, config.heartbeat_s});
    phase_ = Phase::tuning;
    return {};
}

amqp::Result<> Handshake::on(const amqp::connection::TuneOk& method) {
    if (phase_ != Phase::tuning) {
        return unexpected_method();
    }
    const SessionConfig& config = connection_.config;
    // Unlike RabbitMQ, which takes 0 for more than its own limit.
    const std::uint32_t frame_max = method.frame_max == 0 ? config.frame_max : method.frame_max;
    amqp::Result<> checked = check_negotiated("frame_max", frame_max, amqp::frame_min_size, config.frame_max);
    if (checked) {
        checked = check_negotiated("channel_max", method.channel_max, channel_min, config.channel_max);
    }
    if (!checked) {
        return checked;
    }
    connection_.frame_max = frame_max;
    channel_max_ = method.channel_max;
    heartbeat_s_ = method.heartbeat; // the client's wish counts
    phase_ = Phase::opening;
    return {};
}

amqp::Result<> Handshake::on(const amqp::connection::Open& method) {
    if (phase_ != Phase::opening) {
        return unexpected_method();
    }
    const amqp::Result<> opened = transport_.open_virtual_host(method.virtual_host);
    if (!opened) {
        return opened;
    }
    connection_.access.enter(method.virtual_host);
    connection_.outbox.write(0, amqp::connection::OpenOk{});
    phase_ = Phase::running;
    return {};
}

std::string_view Handshake::phase_name() const {
    switch (phase_) {
    case Phase::header:
    case Phase::starting:
    case Phase::authenticating:
        return "starting";
    case Phase::tuning:
        return "tuning";
    case Phase::opening:
        return "opening";
    case Phase::running:
        break;
    }
    return "running";
}

amqp::Error Handshake::unexpected_method() const {
    return amqp::channel_error("unexpected method in connection state " + std::string(phase_name()));
}

bool Handshake::is_told(const amqp::Error& error) const {
    switch (phase_) {
    case Phase::authenticating:
        return error.code == amqp::ReplyCode::access_refused && connection_.capabilities.authentication_failure_close;
    case Phase::tuning:
        return error.code == amqp::ReplyCode::not_allowed;
    case Phase::header:
    case Phase::starting:
        return false;
    case Phase::opening:
    case Phase::running:
        break;
    }
    return true;
}

} // namespace broker
