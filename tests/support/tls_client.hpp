// A blocking TLS client for tests, over octets. Used by one thread; every wait has an end.
#pragma once

#include "tests/support/test_certificates.hpp"

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace broker::test {

struct TlsClientOptions {
    std::string ca_file; // whom the server's certificate is checked against; empty: not checked
    std::optional<CertificateFiles> certificate{};
    int min_version = 0, max_version = 0; // 0: OpenSSL's
    bool weak = false;                    // security level 0: for versions that are no good
};

class TlsClient {
 public:
    TlsClient(std::uint16_t port, const TlsClientOptions& options);
    ~TlsClient();

    bool connected() const { return connected_; }
    const std::string& error() const { return error_; } // of the handshake, or of what came after it
    std::string version() const;
    std::string peer_serial() const; // of the server's certificate

    void send(std::string_view octets);
    // What there is, at least `size` octets; less when the server closes.
    std::string receive(std::size_t size);

 private:
    int socket_;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
    bool connected_ = false;
    std::string error_;
};

} // namespace broker::test
