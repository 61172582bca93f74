// What a certificate says, as text. Pure functions over OpenSSL's X509; total on hostile input: whoever is able to make
// our CA sign a name chooses its octets.
#pragma once

#include "broker/tls/tls_options.hpp"

#include <openssl/types.h>

#include <chrono>
#include <optional>
#include <string>

namespace broker {

// As RabbitMQ writes it and RFC 4514 says, most specific part first: "CN=client,O=acme".
std::string distinguished_name(const X509_NAME* name);
std::string subject_of(const X509& certificate);
std::string issuer_of(const X509& certificate);
std::string validity_of(const X509& certificate); // "2026-01-01T00:00:00Z - 2027-01-01T00:00:00Z"
std::chrono::system_clock::time_point expiry_of(const X509& certificate);

// The user's name; nothing when the certificate has no such part, or when it holds a NUL.
std::optional<std::string> login_of(const X509& certificate, const CertificateLogin& login);

} // namespace broker
