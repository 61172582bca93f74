#include "broker/tls/tls_context.hpp"

#include "broker/tls/certificate.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace broker {
namespace {

constexpr const char* default_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"; // of TLS 1.2
constexpr const char* groups = "X25519:P-256:P-384";
// What is read ahead of a connection at once: two records.
constexpr std::size_t read_buffer_bytes = 36 << 10;

std::string last_error() {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(code);
    std::string text = reason != nullptr ? reason : code != 0 ? std::strerror(ERR_GET_REASON(code)) : "unknown error";
    ERR_clear_error();
    return text;
}

[[noreturn]] void fail(const TlsOptions& options, std::string_view what) {
    throw std::runtime_error(fmt::format("{}: {}: {}", options.name, what, last_error()));
}

[[noreturn]] void refuse(const TlsOptions& options, std::string_view what) {
    throw std::runtime_error(fmt::format("{}: {}", options.name, what));
}

bool offers(const TlsOptions& options, std::string_view version) {
    return std::ranges::find(options.versions, version) != options.versions.end();
}

void set_versions(SSL_CTX& context, const TlsOptions& options) {
    const bool older = offers(options, "tlsv1.2"), newer = offers(options, "tlsv1.3");
    if (!older && !newer) {
        refuse(options, "versions: neither tlsv1.3 nor tlsv1.2 is among them, and older ones are not offered");
    }
    SSL_CTX_set_min_proto_version(&context, older ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(&context, newer ? TLS1_3_VERSION : TLS1_2_VERSION);
}

// Suites of TLS 1.3 have a list of their own.
void set_ciphers(SSL_CTX& context, const TlsOptions& options) {
    std::string older, newer;
    for (const std::string& cipher : options.ciphers) {
        std::string& list = cipher.starts_with("TLS_") ? newer : older;
        list.append(list.empty() ? "" : ":").append(cipher);
    }
    if (options.ciphers.empty()) {
        older = default_ciphers;
    }
    if (!older.empty() && SSL_CTX_set_cipher_list(&context, older.c_str()) != 1) {
        fail(options, "ciphers");
    }
    if (!newer.empty() && SSL_CTX_set_ciphersuites(&context, newer.c_str()) != 1) {
        fail(options, "ciphers");
    }
    SSL_CTX_set1_groups_list(&context, groups);
}

int reveal_password(char* into, int size, int, void* options) {
    const std::string& password = static_cast<const TlsOptions*>(options)->key_password;
    const int length = static_cast<int>(password.size());
    if (length == 0 || length > size) {
        return -1;
    }
    std::memcpy(into, password.data(), password.size());
    return length;
}

void use_certificate(SSL_CTX& context, const TlsOptions& options) {
    if (options.certificate_file.empty() || options.key_file.empty()) {
        refuse(options, "TLS needs both certfile and keyfile");
    }
    SSL_CTX_set_default_passwd_cb(&context, reveal_password);
    SSL_CTX_set_default_passwd_cb_userdata(&context, const_cast<TlsOptions*>(&options));
    if (SSL_CTX_use_certificate_chain_file(&context, options.certificate_file.c_str()) != 1) {
        fail(options, "certfile " + options.certificate_file);
    }
    if (SSL_CTX_use_PrivateKey_file(&context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(&context) != 1) {
        fail(options, "keyfile " + options.key_file);
    }
    // The context outlives these options when they are those of a call.
    SSL_CTX_set_default_passwd_cb_userdata(&context, nullptr);
    SSL_CTX_set_default_passwd_cb(&context, nullptr);
}

void set_verification(SSL_CTX& context, const TlsOptions& options) {
    if (!options.ca_file.empty() && SSL_CTX_load_verify_locations(&context, options.ca_file.c_str(), nullptr) != 1) {
        fail(options, "cacertfile " + options.ca_file);
    }
    if (!options.verify_peer) {
        if (options.fail_if_no_peer_certificate) {
            refuse(options, "fail_if_no_peer_cert needs verify = verify_peer");
        }
        return;
    }
    if (options.ca_file.empty()) {
        refuse(options, "verify_peer needs a cacertfile");
    }
    SSL_CTX_set_client_CA_list(&context, SSL_load_client_CA_file(options.ca_file.c_str()));
    SSL_CTX_set_verify(&context,
                       SSL_VERIFY_PEER | (options.fail_if_no_peer_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       nullptr);
    SSL_CTX_set_verify_depth(&context, options.depth);
}

void set_habits(SSL_CTX& context, const TlsOptions& options) {
    SSL_CTX_set_options(&context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                      SSL_OP_IGNORE_UNEXPECTED_EOF); // AMQP and HTTP know their own ends
    if (options.honor_cipher_order) {
        SSL_CTX_set_options(&context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    }
    // No resumption: connections live long, and every one shall show its certificate to the rules of today.
    SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(&context, 0);
    SSL_CTX_set_mode(&context, SSL_MODE_RELEASE_BUFFERS); // an idle connection shall cost little
    SSL_CTX_set_read_ahead(&context, 1);
    SSL_CTX_set_default_read_buffer_len(&context, read_buffer_bytes);
}

std::optional<std::chrono::system_clock::time_point> first_expiry(const std::string& file) {
    if (file.empty()) {
        return std::nullopt;
    }
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_file(file.c_str(), "r"), BIO_free_all);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr, X509_free);
    return certificate ? std::optional(expiry_of(*certificate)) : std::nullopt;
}

} // namespace

void FreeTlsSession::operator()(SSL* ssl) const {
    SSL_free(ssl);
}

TlsContext::TlsContext(TlsOptions options) : options_(std::move(options)), loaded_(load()) {}

TlsContext::Loaded TlsContext::load() const {
    ERR_clear_error();
    const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (context == nullptr) {
        fail(options_, "OpenSSL");
    }
    set_versions(*context, options_);
    set_ciphers(*context, options_);
    set_verification(*context, options_);
    use_certificate(*context, options_);
    set_habits(*context, options_);
    return {context,
            {options_.certificate_file, options_.ca_file, expiry_of(*SSL_CTX_get0_certificate(context.get())),
             first_expiry(options_.ca_file)}};
}

std::shared_ptr<SSL_CTX> TlsContext::current() const {
    const std::lock_guard lock(mutex_);
    return loaded_.context;
}

CertificateExpiry TlsContext::expiry() const {
    const std::lock_guard lock(mutex_);
    return loaded_.expiry;
}

bool TlsContext::key_is_exposed() const {
    struct stat status {};
    return ::stat(options_.key_file.c_str(), &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH)) != 0;
}

std::optional<std::string> TlsContext::reload() {
    try {
        Loaded loaded = load();
        const std::lock_guard lock(mutex_);
        loaded_ = std::move(loaded);
        return std::nullopt;
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

} // namespace broker
