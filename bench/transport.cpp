#include "bench/transport.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

constexpr time_t longest_answer_s = 60; // while a connection is set up

[[noreturn]] void fail_tls(const std::string& what) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    throw std::runtime_error("TLS: " + what + (reason == nullptr ? "" : std::string(": ") + reason));
}

std::string handshake_failure(ssl_st* tls) {
    const long verified = SSL_get_verify_result(tls);
    return verified == X509_V_OK ? "no handshake"
                                 : std::string("the certificate: ") + X509_verify_cert_error_string(verified);
}

} // namespace

Transport::Transport(const Uri& uri, const Security& security)
    : context_(nullptr, SSL_CTX_free),
      tls_(nullptr, SSL_free) {
    connect(uri);
    try {
        if (uri.tls) {
            encrypt(uri, security);
        }
    } catch (...) {
        ::close(socket_);
        throw;
    }
}

Transport::~Transport() {
    ::close(socket_);
}

void Transport::connect(const Uri& uri) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (const int error = getaddrinfo(uri.host.c_str(), uri.port.c_str(), &hints, &list); error != 0) {
        throw std::runtime_error(gai_strerror(error));
    }
    int error = 0;
    for (const addrinfo* one = list; one != nullptr && socket_ < 0; one = one->ai_next) {
        socket_ = ::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
        if (socket_ < 0 || ::connect(socket_, one->ai_addr, one->ai_addrlen) < 0) {
            error = errno;
            ::close(std::exchange(socket_, -1));
        }
    }
    freeaddrinfo(list);
    if (socket_ < 0) {
        throw std::runtime_error(std::string("cannot connect: ") + std::strerror(error));
    }
    const int yes = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const timeval limit{longest_answer_s, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

void Transport::encrypt(const Uri& uri, const Security& security) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX* context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(context, security.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (security.authorities.empty() ? SSL_CTX_set_default_verify_paths(context) != 1
                                     : SSL_CTX_load_verify_file(context, security.authorities.c_str()) != 1) {
        fail_tls("cannot read " + security.authorities);
    }
    if (!security.certificate.empty() &&
        (SSL_CTX_use_certificate_chain_file(context, security.certificate.c_str()) != 1 ||
         SSL_CTX_use_PrivateKey_file(context, security.key.c_str(), SSL_FILETYPE_PEM) != 1)) {
        fail_tls("cannot use " + security.certificate + " with key " + security.key);
    }
    tls_.reset(SSL_new(context));
    X509_VERIFY_PARAM* expected = SSL_get0_param(tls_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, uri.host.c_str()) != 1) { // a name, then
        SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(uri.host.c_str())); // the macro for it is an old-style cast
        SSL_set1_host(tls_.get(), uri.host.c_str());
    }
    SSL_set_fd(tls_.get(), socket_);
    ERR_clear_error();
    if (SSL_connect(tls_.get()) != 1) {
        fail_tls(handshake_failure(tls_.get()));
    }
}

void Transport::begin() {
    fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
}

ssize_t Transport::tls_result(int result) {
    if (result > 0) {
        return result;
    }
    switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default:
        errno = errno == 0 || errno == EAGAIN ? ECONNRESET : errno;
        return -1;
    }
}

ssize_t Transport::receive(char* place, std::size_t size) {
    if (tls_ == nullptr) {
        return ::recv(socket_, place, size, 0);
    }
    ERR_clear_error();
    errno = 0;
    return tls_result(SSL_read(tls_.get(), place, static_cast<int>(size)));
}

ssize_t Transport::send(const iovec* pieces, std::size_t count) {
    if (tls_ == nullptr) {
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(pieces);
        message.msg_iovlen = count;
        return ::sendmsg(socket_, &message, MSG_NOSIGNAL);
    }
    ERR_clear_error();
    errno = 0;
    return tls_result(SSL_write(tls_.get(), pieces->iov_base, static_cast<int>(pieces->iov_len)));
}

} // namespace bench
