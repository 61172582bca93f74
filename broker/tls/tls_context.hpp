// The certificate, key and rules of one family of TLS listeners. Owned by the Broker; used from every thread. Reading
// the files again gives new connections the new certificate; those that are there keep what they have agreed on.
#pragma once

#include "broker/tls/tls_options.hpp"

#include <openssl/types.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace broker {

struct FreeTlsSession {
    void operator()(SSL* ssl) const;
};
using TlsSession = std::unique_ptr<SSL, FreeTlsSession>; // with one peer

struct CertificateExpiry {
    std::string certificate_file, ca_file; // the latter may be empty
    std::chrono::system_clock::time_point certificate;
    std::optional<std::chrono::system_clock::time_point> ca; // of the first one in the file
};

class TlsContext {
 public:
    explicit TlsContext(TlsOptions options); // throws std::runtime_error with one clear line

    const TlsOptions& options() const { return options_; }
    std::shared_ptr<SSL_CTX> current() const;
    CertificateExpiry expiry() const;
    // Whether others than the owner may read the key's file.
    bool key_is_exposed() const;

    // Nothing changes when the files cannot be used; the text says why not.
    std::optional<std::string> reload();

 private:
    struct Loaded {
        std::shared_ptr<SSL_CTX> context;
        CertificateExpiry expiry;
    };
    Loaded load() const;

    const TlsOptions options_;
    mutable std::mutex mutex_;
    Loaded loaded_;
};

} // namespace broker
