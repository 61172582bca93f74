#include "tests/support/client_socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace broker::test {
namespace {

template <class Result>
Result check(Result result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return result;
}

} // namespace

ClientSocket::ClientSocket(std::uint16_t port, int receive_buffer_bytes)
    : socket_(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
    if (receive_buffer_bytes != 0) {
        check(setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes),
              "SO_RCVBUF");
    }
    const int yes = 1;
    check(setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes), "TCP_NODELAY");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
        const int error = errno;
        ::close(socket_);
        throw std::system_error(error, std::generic_category(), "connect");
    }
}

ClientSocket::ClientSocket(const std::string& path)
    : socket_(check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
        const int error = errno;
        ::close(socket_);
        throw std::system_error(error, std::generic_category(), "connect");
    }
}

ClientSocket::~ClientSocket() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
}

ClientSocket::ClientSocket(ClientSocket&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

void ClientSocket::wait_for(short events, const char* what) const {
    pollfd polled{socket_, events, 0};
    const int ready = ::poll(&polled, 1, static_cast<int>(std::chrono::milliseconds(patience).count()));
    if (ready == 0) {
        throw Timeout(what);
    }
    check(ready, "poll");
}

void ClientSocket::send(amqp::Bytes octets) {
    while (!octets.empty()) {
        wait_for(POLLOUT, "the broker does not read");
        const ssize_t sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            return;
        }
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            continue;
        }
        octets.remove_prefix(static_cast<std::size_t>(check(sent, "send")));
    }
}

bool ClientSocket::receive(std::string& into) {
    char buffer[64 * 1024];
    wait_for(POLLIN, "the broker says nothing");
    const ssize_t received = ::recv(socket_, buffer, sizeof buffer, 0);
    if (received < 0 && errno == ECONNRESET) {
        return false;
    }
    into.append(buffer, static_cast<std::size_t>(check(received, "recv")));
    return received > 0;
}

void ClientSocket::shut_down() {
    check(::shutdown(socket_, SHUT_WR), "shutdown");
}

void ClientSocket::reset() {
    const linger at_once{1, 0};
    check(setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), "SO_LINGER");
    ::close(std::exchange(socket_, -1));
}

} // namespace broker::test
