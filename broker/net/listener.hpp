// Accepts TCP connections on one address and spreads them over the network threads. Runs on the thread whose context it
// was given; owned by the Broker.
#pragma once

#include "broker/net/connection.hpp"
#include "broker/net/io_thread.hpp"

#include <boost/asio/ip/tcp.hpp>

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
    const TlsContext* tls = nullptr; // null: plain; outlives the listener and its connections
};

class Listener {
 public:
    // Throws std::runtime_error with one clear line when the address cannot be had. Port 0: the system chooses.
    Listener(const std::string& address, std::uint16_t port, ListenOptions options,
             std::vector<std::unique_ptr<IoThread>>& threads, ConnectionHost& host);

    void start();
    void stop(); // on the first network thread, or after it has ended
    boost::asio::ip::tcp::endpoint endpoint() const { return endpoint_; }
    bool has_tls() const { return options_.tls != nullptr; }

 private:
    void accept();
    void set_options(boost::asio::ip::tcp::socket& socket) const;
    IoThread& least_loaded() const;

    ListenOptions options_;
    std::vector<std::unique_ptr<IoThread>>& threads_;
    ConnectionHost& host_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer retry_;
    boost::asio::ip::tcp::endpoint endpoint_;
};

} // namespace broker
