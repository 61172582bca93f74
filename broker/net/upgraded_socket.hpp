// A client's socket on which HTTP has agreed to speak AMQP in WebSocket's messages from now on, and which it has let
// go. A value on its way from the HTTP thread to a network thread.
#pragma once

#include "broker/tls/tls_context.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace broker {

struct UpgradedSocket {
    boost::asio::ip::tcp::socket socket;
    TlsSession session{};            // null: plain
    const TlsContext* tls = nullptr; // of the session; outlives all connections
};

} // namespace broker
