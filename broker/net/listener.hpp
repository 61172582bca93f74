// Accepts connections on one address, TCP or UNIX, and spreads them over the network threads. Runs on the thread whose
// context it was given; owned by the Broker.
#pragma once

#include "broker/net/address_range.hpp"
#include "broker/net/connection.hpp"
#include "broker/net/io_thread.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace broker {

struct ListenOptions {
    int backlog = 128;
    bool nodelay = true;
    bool keepalive = false;
    std::optional<int> send_buffer_bytes = {}; // absent: the system's choice
    std::optional<int> receive_buffer_bytes = {};
    const TlsContext* tls = nullptr;        // null: plain; outlives the listener and its connections
    bool proxy_protocol = false;            // every connection begins with a PROXY header
    std::vector<AddressRange> proxies = {}; // that may send one; empty: all
};

class Listener {
 public:
    // Throws std::runtime_error with one clear line when the address cannot be had. Port 0: the system chooses.
    Listener(const std::string& address, std::uint16_t port, ListenOptions options,
             std::vector<std::unique_ptr<IoThread>>& threads, ConnectionHost& host);
    // A UNIX socket, open to every user of the machine who may enter its directory. One that a dead broker has left is
    // replaced.
    Listener(const std::string& path, ListenOptions options, std::vector<std::unique_ptr<IoThread>>& threads,
             ConnectionHost& host);
    ~Listener();

    void start();
    void stop();                                            // on the first network thread, or after it has ended
    const std::string& address() const { return address_; } // or path
    std::uint16_t port() const { return port_; }            // 0: UNIX
    bool has_tls() const { return options_.tls != nullptr; }

 private:
    using Protocol = boost::asio::generic::stream_protocol;

    void accept();
    void retry_later(const boost::system::error_code& error); // when nothing can be accepted: no descriptors, say
    void take(IoThread& thread, StreamSocket socket);
    void set_options(StreamSocket& socket) const;

    const ListenOptions options_;
    std::vector<std::unique_ptr<IoThread>>& threads_;
    ConnectionHost& host_;
    boost::asio::basic_socket_acceptor<Protocol> acceptor_;
    boost::asio::steady_timer retry_;
    std::string address_;
    std::uint16_t port_ = 0;
    std::size_t turn_ = 0;
};

} // namespace broker
