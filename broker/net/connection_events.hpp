// What connections tell of themselves to amq.rabbitmq.event: logins, beginning, end. Pure functions but for the sink;
// on the connection's network thread. Ask EventSink::wanted() first.
#pragma once

#include "broker/auth/authenticator.hpp"
#include "broker/core/event_sink.hpp"
#include "broker/net/socket_ends.hpp"
#include "broker/session/snapshot.hpp"

#include <string>
#include <string_view>

namespace broker {

struct ToldSocket {
    const std::string& name; // of the connection
    const SocketEnds& ends;
};

void tell_login(EventSink& events, ToldSocket connection, std::string_view mechanism, const AuthResult& result);
void tell_created(EventSink& events, ToldSocket connection, const SessionSnapshot& session);
void tell_closed(EventSink& events, const std::string& connection, const SessionSnapshot& session);

} // namespace broker
