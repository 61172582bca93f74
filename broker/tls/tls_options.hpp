// What a listener with TLS is told: plain values, made from the settings by the composition root.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace broker {

// Which part of a client's certificate is its user's name [P13].
struct CertificateLogin {
    enum class From : std::uint8_t { distinguished_name, common_name, subject_alternative_name };
    enum class AlternativeName : std::uint8_t { dns, ip, email, uri };

    From from = From::distinguished_name;
    AlternativeName alternative_name = AlternativeName::dns;
    std::size_t index = 0; // among the alternative names of that kind
};

struct TlsOptions {
    std::string name; // of the family of settings, for messages: "ssl_options"
    std::string certificate_file;
    std::string key_file;
    std::string ca_file;
    std::string key_password;
    bool verify_peer = false;
    bool fail_if_no_peer_certificate = false;
    std::vector<std::string> versions{"tlsv1.3", "tlsv1.2"}; // older ones are passed over
    std::vector<std::string> ciphers;                        // empty: our own choice
    bool honor_cipher_order = true;
    int depth = 10;
    CertificateLogin login{};
    std::chrono::milliseconds handshake_timeout{5'000};
};

} // namespace broker
