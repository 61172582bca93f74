#include "broker/net/tls_stream.hpp"

#include "broker/tls/certificate.hpp"
#include "broker/tls/cipher_names.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <string_view>
#include <utility>

namespace broker {

struct TlsStream::Bio {
    static int read(BIO* bio, char* into, int size) {
        auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        ssize_t received = -1;
        if (!stream.socket_drained_) {
            received = ::recv(stream.socket_, into, static_cast<std::size_t>(size), MSG_DONTWAIT);
            if (received < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
                return -1;
            }
        }
        if (received < 0) {
            stream.socket_drained_ = true;
            BIO_set_retry_read(bio);
            return -1;
        }
        stream.socket_drained_ = received < size; // spares the recv that would say so
        stream.socket_ended_ = received == 0;
        if (stream.first_octets_.empty()) {
            stream.first_octets_.assign(into, std::min<std::size_t>(static_cast<std::size_t>(received), 8));
        }
        return static_cast<int>(received);
    }

    static int write(BIO* bio, const char* octets, int size) {
        auto& stream = *static_cast<TlsStream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        stream.output_.append(octets, static_cast<std::size_t>(size));
        return size;
    }

    static long control(BIO* bio, int what, long, void*) {
        switch (what) {
        case BIO_CTRL_FLUSH:
            return 1;
        case BIO_CTRL_EOF:
            return static_cast<TlsStream*>(BIO_get_data(bio))->socket_ended_ ? 1 : 0;
        default:
            return 0;
        }
    }

    static const BIO_METHOD* method() {
        static const BIO_METHOD* const made = [] {
            BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
            BIO_meth_set_read(method, read);
            BIO_meth_set_write(method, write);
            BIO_meth_set_ctrl(method, control);
            return method;
        }();
        return made;
    }

    static BIO* make(TlsStream& stream) {
        BIO* bio = BIO_new(method());
        if (bio == nullptr) {
            throw std::bad_alloc();
        }
        BIO_set_data(bio, &stream);
        BIO_set_init(bio, 1);
        return bio;
    }
};

TlsStream::TlsStream(const TlsContext& context, int socket)
    : TlsStream(context, socket, TlsSession(SSL_new(context.current().get()))) {
    SSL_set_accept_state(ssl_.get());
}

TlsStream::TlsStream(const TlsContext& context, int socket, TlsSession session)
    : context_(context),
      socket_(socket),
      ssl_(std::move(session)) {
    if (ssl_ == nullptr) {
        throw std::bad_alloc();
    }
    BIO* bio = Bio::make(*this);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_clear_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE); // Asio sets it; send() counts on whole records
}

TlsStream::~TlsStream() = default;

// --- in ---

ssize_t TlsStream::receive(char* into, std::size_t size) {
    socket_drained_ = false;
    more_ = true;
    std::size_t total = 0;
    while (total < size) {
        ERR_clear_error();
        std::size_t received = 0;
        const int result = SSL_read_ex(ssl_.get(), into + total, size - total, &received);
        if (result == 1) {
            total += received;
            continue;
        }
        const int error = SSL_get_error(ssl_.get(), result);
        if (error == SSL_ERROR_WANT_READ) {
            more_ = false;
            errno = EAGAIN;
            return total != 0 ? static_cast<ssize_t>(total) : -1;
        }
        if (total != 0) {
            return static_cast<ssize_t>(total); // the next call finds the same
        }
        return error == SSL_ERROR_ZERO_RETURN ? 0 : fail(error);
    }
    return static_cast<ssize_t>(total);
}

ssize_t TlsStream::fail(int error) {
    if (error == SSL_ERROR_SYSCALL && ERR_peek_error() == 0) {
        return -1; // the socket's own error
    }
    if (failure_.empty()) {
        const long verified = SSL_get_verify_result(ssl_.get());
        const char* reason = ERR_reason_error_string(ERR_peek_last_error());
        if (first_octets_.starts_with("AMQP")) {
            failure_ = "the client speaks AMQP without TLS on a listener with TLS";
        } else if (verified != X509_V_OK) {
            failure_ = X509_verify_cert_error_string(verified);
        } else {
            failure_ = reason != nullptr ? reason : "unknown error";
        }
    }
    ERR_clear_error();
    errno = EPROTO;
    return -1;
}

// --- out ---

bool TlsStream::send_waiting() {
    while (has_output()) {
        const ssize_t sent =
            ::send(socket_, output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            if (errno == EINTR) {
                continue;
            }
            return false;
        }
        sent_ += static_cast<std::size_t>(sent);
    }
    output_.clear();
    sent_ = 0;
    return true;
}

ssize_t TlsStream::send(std::span<const iovec> pieces) {
    if (!send_waiting()) {
        return -1;
    }
    // Small pieces share a record: frames are often shorter than what a record adds to them.
    std::array<char, max_record> record;
    std::size_t taken = 0, offset = 0; // of the first piece
    while (!pieces.empty() && taken < max_step) {
        std::size_t filled = 0;
        while (!pieces.empty() && filled < record.size()) {
            const auto* octets = static_cast<const char*>(pieces.front().iov_base) + offset;
            const std::size_t part = std::min(pieces.front().iov_len - offset, record.size() - filled);
            std::copy_n(octets, part, record.data() + filled);
            filled += part;
            offset += part;
            if (offset == pieces.front().iov_len) {
                pieces = pieces.subspan(1);
                offset = 0;
            }
        }
        ERR_clear_error();
        std::size_t written = 0;
        const int result = SSL_write_ex(ssl_.get(), record.data(), filled, &written);
        if (result != 1) {
            const int error = SSL_get_error(ssl_.get(), result);
            if (error == SSL_ERROR_WANT_READ) { // in the middle of a handshake: nothing is said before its end
                errno = EAGAIN;
                return taken != 0 ? static_cast<ssize_t>(taken) : -1;
            }
            return fail(error);
        }
        taken += filled;
    }
    if (!send_waiting() && errno != EAGAIN && errno != EWOULDBLOCK) {
        return -1;
    }
    return static_cast<ssize_t>(taken);
}

void TlsStream::close() {
    ERR_clear_error();
    if (established() && failure_.empty()) {
        SSL_shutdown(ssl_.get());
    }
    send_waiting();
    ERR_clear_error();
}

void TlsStream::release_memory() {
    if (!has_output()) {
        output_ = {};
    }
}

// --- who is there ---

bool TlsStream::established() const {
    return SSL_is_init_finished(ssl_.get()) == 1;
}

std::optional<std::string> TlsStream::certificate_login() const {
    const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    const bool verified = context_.options().verify_peer && SSL_get_verify_result(ssl_.get()) == X509_V_OK;
    return certificate != nullptr && verified && established() ? login_of(*certificate, context_.options().login)
                                                               : std::nullopt;
}

TlsSnapshot TlsStream::snapshot() const {
    TlsSnapshot snapshot;
    if (!established()) {
        return snapshot;
    }
    snapshot.protocol = protocol_name(*ssl_);
    if (const SSL_CIPHER* suite = SSL_get_current_cipher(ssl_.get())) {
        snapshot.key_exchange = key_exchange_name(*suite);
        snapshot.cipher = cipher_name(*suite);
        snapshot.hash = hash_name(*suite);
    }
    if (const X509* certificate = SSL_get0_peer_certificate(ssl_.get())) {
        snapshot.peer_subject = subject_of(*certificate);
        snapshot.peer_issuer = issuer_of(*certificate);
        snapshot.peer_validity = validity_of(*certificate);
    }
    return snapshot;
}

} // namespace broker
