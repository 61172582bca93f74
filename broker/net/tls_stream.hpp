// TLS over a connection's socket, which stays the connection's: octets in the clear on one side, recv and send on the
// other. Behaves like a socket: nothing blocks, a negative result with EAGAIN means to wait. Its handshake happens
// within receive() and send(). On the connection's network thread.
//
// What is encrypted waits in a buffer of its own until the socket takes it, so OpenSSL never has to be asked twice for
// the same record; at most about max_step octets are encrypted ahead.
#pragma once

#include "broker/session/snapshot.hpp"
#include "broker/tls/tls_context.hpp"

#include <sys/types.h>
#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace broker {

class TlsStream {
 public:
    TlsStream(const TlsContext& context, int socket);
    // Goes on with a session whose handshake others have made; nothing is on its way in it.
    TlsStream(const TlsContext& context, int socket, TlsSession session);
    ~TlsStream();
    TlsStream(const TlsStream&) = delete;
    TlsStream& operator=(const TlsStream&) = delete;

    // As recv; EPROTO: the peer does not keep to TLS, failure() says how.
    ssize_t receive(char* into, std::size_t size);
    // There is more to receive although the socket may not say so.
    bool has_input() const { return more_; }
    // As sendmsg; how many octets were taken, perhaps none when only what had waited was sent.
    ssize_t send(std::span<const iovec> pieces);
    // Something of it, or of the handshake, waits for send().
    bool has_output() const { return sent_ < output_.size(); }
    // More waits than ever comes of send(): a peer makes TLS answer (with alerts, say) and does not read.
    bool is_clogged() const { return output_.size() - sent_ > 2 * max_step; }
    void close(); // says good-bye, if the socket takes it at once
    void release_memory();

    bool established() const;
    std::chrono::milliseconds handshake_timeout() const { return context_.options().handshake_timeout; }
    const std::string& failure() const { return failure_; }
    // What a user's name is, of a certificate that was asked for and verified.
    std::optional<std::string> certificate_login() const;
    TlsSnapshot snapshot() const;

 private:
    struct Bio; // how OpenSSL reads and writes through us

    ssize_t fail(int result);
    bool send_waiting(); // true: nothing waits any more

    static constexpr std::size_t max_record = 16 << 10;
    static constexpr std::size_t max_step = 128 << 10;

    const TlsContext& context_;
    const int socket_;
    const TlsSession ssl_;
    std::string output_; // encrypted
    std::size_t sent_ = 0;
    std::string failure_;
    std::string first_octets_; // of the peer: what he speaks if not TLS
    bool socket_drained_ = false;
    bool socket_ended_ = false;
    bool more_ = false;
};

} // namespace broker
