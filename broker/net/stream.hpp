// What a connection reads from and writes to: its socket, or TLS over it. Part of the Connection. The choice is one
// branch per system call, not per message.
#pragma once

#include "broker/net/tls_stream.hpp"

#include <sys/socket.h>

#include <memory>
#include <span>

namespace broker {

class Stream {
 public:
    // Without a context: plain.
    Stream(int socket, const TlsContext* context)
        : socket_(socket),
          tls_(context == nullptr ? nullptr : std::make_unique<TlsStream>(*context, socket)) {}

    ssize_t receive(char* into, std::size_t size) {
        return tls_ ? tls_->receive(into, size) : ::recv(socket_, into, size, MSG_DONTWAIT);
    }
    ssize_t send(std::span<iovec> pieces) {
        if (tls_) {
            return tls_->send(pieces);
        }
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = pieces.size();
        return ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    bool has_input() const { return tls_ && tls_->has_input(); }   // though the socket may have none
    bool has_output() const { return tls_ && tls_->has_output(); } // of its own
    bool is_clogged() const { return tls_ && tls_->is_clogged(); }

    TlsStream* tls() const { return tls_.get(); } // null: plain

 private:
    int socket_;
    std::unique_ptr<TlsStream> tls_;
};

} // namespace broker
