#include "broker/tls/cipher_names.hpp"

#include <openssl/objects.h>

#include <algorithm>
#include <cctype>

namespace broker {
namespace {

// OpenSSL's own name of something in Erlang's spelling: "AES-256-CBC" becomes "aes_256_cbc".
std::string erlang_spelling(int nid) {
    const char* name = nid == NID_undef ? nullptr : OBJ_nid2sn(nid);
    std::string text = name == nullptr ? "undefined" : name;
    std::ranges::transform(text, text.begin(), [](unsigned char octet) {
        return octet == '-' ? '_' : static_cast<char>(std::tolower(octet));
    });
    return text;
}

} // namespace

std::string protocol_name(const SSL& ssl) {
    switch (SSL_version(&ssl)) {
    case TLS1_3_VERSION:
        return "tlsv1.3";
    case TLS1_2_VERSION:
        return "tlsv1.2";
    default:
        return SSL_get_version(&ssl);
    }
}

std::string key_exchange_name(const SSL_CIPHER& suite) {
    const int exchange = SSL_CIPHER_get_kx_nid(&suite), authentication = SSL_CIPHER_get_auth_nid(&suite);
    std::string name;
    switch (exchange) {
    case NID_kx_any:
        return "any";
    case NID_kx_ecdhe:
        name = "ecdhe";
        break;
    case NID_kx_dhe:
        name = "dhe";
        break;
    case NID_kx_rsa:
        return "rsa";
    default:
        return erlang_spelling(exchange);
    }
    if (authentication == NID_auth_rsa) {
        return name + "_rsa";
    }
    return authentication == NID_auth_ecdsa ? name + "_ecdsa" : name;
}

std::string cipher_name(const SSL_CIPHER& suite) {
    switch (const int cipher = SSL_CIPHER_get_cipher_nid(&suite)) {
    case NID_aes_128_gcm:
        return "aes_128_gcm";
    case NID_aes_256_gcm:
        return "aes_256_gcm";
    case NID_aes_128_ccm:
        return "aes_128_ccm";
    case NID_aes_256_ccm:
        return "aes_256_ccm";
    case NID_chacha20_poly1305:
        return "chacha20_poly1305";
    default:
        return erlang_spelling(cipher);
    }
}

std::string hash_name(const SSL_CIPHER& suite) {
    return SSL_CIPHER_is_aead(&suite) == 1 ? "aead" : erlang_spelling(SSL_CIPHER_get_digest_nid(&suite));
}

} // namespace broker
