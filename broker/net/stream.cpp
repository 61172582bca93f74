#include "broker/net/stream.hpp"

#include "protocol/assert.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace broker {

ssize_t Stream::receive(char* into, std::size_t size) {
    return web_socket_ ? receive_payload(into, size) : receive_octets(into, size);
}

ssize_t Stream::receive(std::span<iovec> pieces) {
    LEVERET_ASSERT(is_plain());
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    return ::recvmsg(socket_, &message, MSG_DONTWAIT);
}

ssize_t Stream::receive_octets(char* into, std::size_t size) {
    return tls_ ? tls_->receive(into, size) : ::recv(socket_, into, size, MSG_DONTWAIT);
}

ssize_t Stream::receive_payload(char* into, std::size_t size) {
    if (!web_socket_->ended()) {
        const ssize_t received = receive_octets(into, size);
        if (received <= 0) {
            return received;
        }
        const std::size_t payload = web_socket_->unwrap({into, static_cast<std::size_t>(received)});
        if (payload != 0) {
            return static_cast<ssize_t>(payload);
        }
    }
    if (web_socket_->ended() && web_socket_->failure().empty()) {
        return 0;
    }
    errno = web_socket_->ended() ? EPROTO : EAGAIN;
    return -1;
}

ssize_t Stream::send(std::span<iovec> pieces) {
    if (!web_socket_) {
        return send_octets(pieces);
    }
    LEVERET_ASSERT(pieces.size() <= max_pieces);
    std::array<iovec, max_pieces + 1> framed;
    const std::size_t count = web_socket_->wrap(pieces, framed);
    const ssize_t sent = send_octets(std::span(framed).first(count));
    return sent < 0 ? sent : static_cast<ssize_t>(web_socket_->sent(static_cast<std::size_t>(sent)));
}

ssize_t Stream::send_octets(std::span<iovec> pieces) {
    if (tls_) {
        return tls_->send(pieces);
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    return ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Stream::close() {
    if (!tls_ && !web_socket_) {
        return;
    }
    if (web_socket_) {
        web_socket_->close();
        send({});
    }
    if (tls_) {
        tls_->close();
    }
    // Closing a socket that has unread input makes a reset of it, which may overtake our last words.
    std::array<char, 16 << 10> unread;
    for (int i = 0; i < 16 && ::recv(socket_, unread.data(), unread.size(), MSG_DONTWAIT) > 0; ++i) {
    }
}

std::string Stream::failure() const {
    if (tls_ && !tls_->failure().empty()) {
        return "TLS: " + tls_->failure();
    }
    return web_socket_ && !web_socket_->failure().empty() ? "WebSocket: " + std::string(web_socket_->failure()) : "";
}

} // namespace broker
