// What a TLS connection has agreed on, in the words of the management API, which are Erlang's. Pure functions.
#pragma once

#include <openssl/ssl.h>

#include <string>

namespace broker {

std::string protocol_name(const SSL& ssl);              // "tlsv1.3"
std::string key_exchange_name(const SSL_CIPHER& suite); // "ecdhe_rsa"; TLS 1.3: "any"
std::string cipher_name(const SSL_CIPHER& suite);       // "aes_256_gcm"
std::string hash_name(const SSL_CIPHER& suite);         // "aead"

} // namespace broker
