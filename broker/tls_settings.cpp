#include "broker/tls_settings.hpp"

#include <utility>

namespace broker {
namespace {

TlsOptions options_of(std::string name, const config::TlsSettings& settings, const config::Settings& all) {
    TlsOptions options;
    options.name = std::move(name);
    options.certificate_file = settings.certfile;
    options.key_file = settings.keyfile;
    options.ca_file = settings.cacertfile;
    options.key_password = settings.password.reveal();
    options.verify_peer = settings.verify_peer;
    options.fail_if_no_peer_certificate = settings.fail_if_no_peer_cert;
    options.versions = settings.versions;
    options.ciphers = settings.ciphers;
    options.honor_cipher_order = settings.honor_cipher_order;
    options.depth = settings.depth;
    options.handshake_timeout = std::chrono::milliseconds(all.tls_handshake_timeout_ms);
    return options;
}

} // namespace

TlsOptions amqp_tls_options(const config::Settings& settings) {
    using From = CertificateLogin::From;
    using Name = CertificateLogin::AlternativeName;
    TlsOptions options = options_of("ssl_options", settings.tls, settings);
    const config::CertificateLogin& login = settings.certificate_login;
    options.login.from = login.from == config::CertificateField::common_name ? From::common_name
                         : login.from == config::CertificateField::subject_alternative_name
                             ? From::subject_alternative_name
                             : From::distinguished_name;
    options.login.alternative_name = login.alternative_name == config::AlternativeName::ip      ? Name::ip
                                     : login.alternative_name == config::AlternativeName::email ? Name::email
                                     : login.alternative_name == config::AlternativeName::uri   ? Name::uri
                                                                                                : Name::dns;
    options.login.index = login.index;
    return options;
}

TlsOptions management_tls_options(const config::Settings& settings) {
    return options_of("management.ssl", settings.management_tls.options, settings);
}

TlsOptions prometheus_tls_options(const config::Settings& settings) {
    return options_of("prometheus.ssl", settings.prometheus_tls.options, settings);
}

} // namespace broker
