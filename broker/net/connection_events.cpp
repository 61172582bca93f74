#include "broker/net/connection_events.hpp"

#include <chrono>
#include <cstdint>
#include <utility>

namespace broker {
namespace {

namespace asio = boost::asio;

// As Erlang prints an address: {127,0,0,1}. What is no address stays as it is.
std::string address_term(const std::string& host) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error) {
        return host;
    }
    std::string text;
    const auto add = [&](unsigned number) { text.append(text.empty() ? "{" : ",").append(std::to_string(number)); };
    if (address.is_v4()) {
        for (const unsigned char octet : address.to_v4().to_bytes()) {
            add(octet);
        }
    } else {
        const auto octets = address.to_v6().to_bytes();
        for (std::size_t i = 0; i < octets.size(); i += 2) {
            add(octets[i] * 256u + octets[i + 1]);
        }
    }
    return text + "}";
}

void add_addresses(amqp::FieldTable& headers, const SocketEnds& ends) {
    headers.append("host", address_term(ends.own.host));
    headers.append("port", std::int64_t{ends.own.port});
    headers.append("peer_host", address_term(ends.peer.host));
    headers.append("peer_port", std::int64_t{ends.peer.port});
    headers.append("protocol", "{0,9,1}");
    headers.append("ssl", false);
}

std::int64_t milliseconds_since_1970(TimePoint then) {
    const auto age = std::chrono::steady_clock::now() - then;
    const auto at = std::chrono::system_clock::now() - age;
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

// Which of a client's properties name the connection, and all of them.
void add_client(amqp::FieldTable& headers, const SessionSnapshot& session) {
    if (const amqp::FieldValue* given = session.client_properties.find("connection_name")) {
        headers.append("user_provided_name", *given);
    }
    headers.append("client_properties", session.client_properties);
}

} // namespace

void tell_login(EventSink& events, ToldSocket connection, std::string_view mechanism, const AuthResult& result) {
    amqp::FieldTable headers{{"name", result.user_name},
                             {"connection_name", connection.name},
                             {"connection_type", "network"},
                             {"auth_mechanism", mechanism}};
    add_addresses(headers, connection.ends);
    if (!result.accepted()) {
        headers.append("error", result.log_text);
    }
    events.emit(result.accepted() ? "user.authentication.success" : "user.authentication.failure", std::move(headers));
}

void tell_created(EventSink& events, ToldSocket connection, const SessionSnapshot& session) {
    amqp::FieldTable headers{{"pid", connection.name},
                             {"name", connection.name},
                             {"type", "network"},
                             {"user", session.user},
                             {"user_who_performed_action", session.user},
                             {"vhost", session.virtual_host},
                             {"auth_mechanism", session.auth_mechanism},
                             {"timeout", std::int64_t{session.timeout_s}},
                             {"frame_max", std::int64_t{session.frame_max}},
                             {"channel_max", std::int64_t{session.channel_max}},
                             {"connected_at", milliseconds_since_1970(session.connected_at)}};
    add_addresses(headers, connection.ends);
    add_client(headers, session);
    events.emit("connection.created", std::move(headers));
}

void tell_closed(EventSink& events, const std::string& connection, const SessionSnapshot& session) {
    amqp::FieldTable headers{{"pid", connection}, {"name", connection}};
    add_client(headers, session);
    events.emit("connection.closed", std::move(headers));
}

} // namespace broker
