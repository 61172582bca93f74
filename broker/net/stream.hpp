// What a connection reads from and writes to: its socket, perhaps TLS over it, perhaps WebSocket's frames within that.
// Part of the Connection. The choice is a branch or two per system call, not per message.
#pragma once

#include "broker/net/tls_stream.hpp"
#include "broker/net/web_socket_framing.hpp"

#include <memory>
#include <span>
#include <string>

namespace broker {

class Stream {
 public:
    static constexpr std::size_t max_pieces = 64; // that are sent at once

    // Without a context: plain.
    Stream(int socket, const TlsContext* context)
        : socket_(socket),
          tls_(context == nullptr ? nullptr : std::make_unique<TlsStream>(*context, socket)) {}
    // What HTTP has agreed on with a client: AMQP in WebSocket's messages, over TLS if there is some.
    Stream(int socket, std::unique_ptr<TlsStream> tls)
        : socket_(socket),
          tls_(std::move(tls)),
          web_socket_(std::make_unique<WebSocketFraming>()) {}

    // As recv; EPROTO: the peer does not keep to TLS or WebSocket, failure() says how.
    ssize_t receive(char* into, std::size_t size);
    // As readv, which only a plain socket can.
    ssize_t receive(std::span<iovec> pieces);
    bool is_plain() const { return !tls_ && !web_socket_; }
    // As sendmsg; how many octets were taken, perhaps none when only what had waited was sent.
    ssize_t send(std::span<iovec> pieces);
    void close(); // says good-bye where there is one to be said, if the socket takes it at once

    // There is more to receive although the socket may not say so.
    bool has_input() const { return (tls_ && tls_->has_input()) || (web_socket_ && web_socket_->ended()); }
    // Something of its own waits for send().
    bool has_output() const { return (tls_ && tls_->has_output()) || (web_socket_ && web_socket_->has_output()); }
    bool is_clogged() const { return tls_ && tls_->is_clogged(); }
    std::string failure() const;

    TlsStream* tls() const { return tls_.get(); } // null: plain

 private:
    ssize_t receive_octets(char* into, std::size_t size);
    ssize_t send_octets(std::span<iovec> pieces);
    ssize_t receive_payload(char* into, std::size_t size);

    int socket_;
    std::unique_ptr<TlsStream> tls_;
    std::unique_ptr<WebSocketFraming> web_socket_;
};

} // namespace broker
