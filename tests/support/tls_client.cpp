#include "tests/support/tls_client.hpp"

#include <netinet/in.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <stdexcept>

namespace broker::test {
namespace {

std::string last_error() {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason == nullptr ? "closed" : reason;
}

int connect_to(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{60, 0};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
        ::close(socket);
        throw std::runtime_error("cannot connect");
    }
    return socket;
}

} // namespace

TlsClient::TlsClient(std::uint16_t port, const TlsClientOptions& options)
    : socket_(connect_to(port)),
      context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
      ssl_(nullptr, SSL_free) {
    SSL_CTX* context = context_.get();
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (options.weak) {
        SSL_CTX_set_security_level(context, 0);
    }
    SSL_CTX_set_min_proto_version(context, options.min_version);
    SSL_CTX_set_max_proto_version(context, options.max_version);
    if (!options.ca_file.empty()) {
        SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    }
    if (options.certificate) {
        SSL_CTX_use_certificate_chain_file(context, options.certificate->certificate.c_str());
        SSL_CTX_use_PrivateKey_file(context, options.certificate->key.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), socket_);
    connected_ = SSL_connect(ssl_.get()) == 1;
    if (!connected_) {
        error_ = last_error();
    }
}

TlsClient::~TlsClient() {
    ::close(socket_);
}

std::string TlsClient::version() const {
    return SSL_get_version(ssl_.get());
}

std::string TlsClient::peer_serial() const {
    const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    return std::to_string(ASN1_INTEGER_get(X509_get0_serialNumber(certificate)));
}

void TlsClient::send(std::string_view octets) {
    if (SSL_write(ssl_.get(), octets.data(), static_cast<int>(octets.size())) <= 0) {
        error_ = last_error();
    }
}

std::string TlsClient::receive(std::size_t size) {
    std::string received;
    while (received.size() < size) {
        char buffer[16 << 10];
        const int count = SSL_read(ssl_.get(), buffer, sizeof buffer);
        if (count <= 0) {
            error_ = last_error();
            break;
        }
        received.append(buffer, static_cast<std::size_t>(count));
    }
    return received;
}

} // namespace broker::test
