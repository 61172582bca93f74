// A connection before it is one, on a listener that expects a PROXY header: reads the header and nothing behind it,
// then makes the Connection, with the ends that the header names. Owned by its own callbacks, on one network thread; it
// goes when the header is there, is none, or does not come in time (handshake_timeout, as of all that comes before
// login).
#pragma once

#include "broker/net/connection.hpp"
#include "broker/net/io_thread.hpp"
#include "broker/net/socket_ends.hpp"

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace broker {

class ProxyIntake : public std::enable_shared_from_this<ProxyIntake> {
 public:
    ProxyIntake(StreamSocket socket, IoThread& thread, ConnectionHost& host, const TlsContext* tls);

    void start();

 private:
    void wait();
    void read();
    void take(std::size_t size); // so many octets off the socket; they are the header's
    void refuse(std::string_view why);

    StreamSocket socket_;
    const SocketEnds of_proxy_;
    IoThread& thread_;
    ConnectionHost& host_;
    const TlsContext* tls_;
    PendingHandshakes::Place handshake_; // of the proxy's client, whose address is not known yet
    boost::asio::steady_timer deadline_;
    std::string header_; // as much of it as there is
};

} // namespace broker
