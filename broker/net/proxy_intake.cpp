#include "broker/net/proxy_intake.hpp"

#include "broker/net/connection_log.hpp"
#include "broker/net/proxy_header.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

namespace broker {

ProxyIntake::ProxyIntake(StreamSocket socket, IoThread& thread, ConnectionHost& host, const TlsContext* tls)
    : socket_(std::move(socket)),
      of_proxy_(ends_of(socket_)),
      thread_(thread),
      host_(host),
      tls_(tls),
      deadline_(thread.context()) {}

void ProxyIntake::start() {
    handshake_ = host_.pending_handshakes().take_place(
        std::nullopt, std::chrono::steady_clock::now(), [self = weak_from_this(), &thread = thread_] {
            thread.post([self] {
                if (const auto intake = self.lock()) {
                    intake->refuse({});
                }
            });
        });
    if (!handshake_) {
        return;
    }
    deadline_.expires_after(std::chrono::milliseconds(host_.session_config().handshake_timeout_ms));
    deadline_.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
        if (const auto intake = self.lock(); intake && !error) {
            intake->refuse("no PROXY header in time");
        }
    });
    wait();
}

void ProxyIntake::wait() {
    socket_.async_wait(StreamSocket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
        if (!error && self->socket_.is_open()) {
            self->read();
        }
    });
}

// What follows the header stays in the socket: it may be for OpenSSL. So octets are looked at, and those that must be
// the header's are taken.
void ProxyIntake::read() {
    std::array<char, ProxyHeader::max_size> buffer;
    const ssize_t seen =
        ::recv(socket_.native_handle(), buffer.data(), buffer.size() - header_.size(), MSG_PEEK | MSG_DONTWAIT);
    if (seen < 0 && (errno == EAGAIN || errno == EINTR)) {
        return wait();
    }
    if (seen <= 0) {
        return refuse({}); // probes of the port come and go
    }
    const std::size_t before = header_.size();
    header_.append(buffer.data(), static_cast<std::size_t>(seen));
    const ProxyHeader header = parse_proxy_header(header_);
    switch (header.status) {
    case ProxyHeader::Status::malformed:
        return refuse("this is no PROXY header, and one is expected (proxy_protocol)");
    case ProxyHeader::Status::incomplete:
        take(header_.size() - before);
        return wait();
    case ProxyHeader::Status::complete:
        break;
    }
    take(header.size - before);
    deadline_.cancel();
    handshake_.reset(); // the connection takes one of its own
    const SocketEnds ends = header.ends ? proxied_ends(of_proxy_, *header.ends) : of_proxy_;
    Stream stream(socket_.native_handle(), tls_);
    std::make_shared<Connection>(std::move(socket_), std::move(stream), ends, thread_, host_)->start();
}

void ProxyIntake::take(std::size_t size) {
    std::array<char, ProxyHeader::max_size> discarded;
    ::recv(socket_.native_handle(), discarded.data(), size, MSG_DONTWAIT);
}

void ProxyIntake::refuse(std::string_view why) {
    if (!why.empty()) {
        connection_log().warn("connection {}: {}", of_proxy_.name(), why);
    }
    boost::system::error_code ignored;
    socket_.close(ignored);
    deadline_.cancel();
}

} // namespace broker
