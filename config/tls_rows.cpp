#include "config/setting_table.hpp"

namespace config {

namespace {

constexpr std::uint64_t max_uint16 = 65'535;

// `tls` finds the TlsSettings that a family of keys fills.
template <class Access>
std::vector<Setting> option_rows(const std::string& prefix, Access tls) {
    const auto member = [tls](auto TlsSettings::*wanted) {
        return [ tls, wanted ](Settings & settings) -> auto& {
            return tls(settings).*wanted;
        };
    };
    const auto push = [tls](std::vector<std::string> TlsSettings::*list) {
        return [tls, list](Settings& settings, std::string_view, std::string value) {
            (tls(settings).*list).push_back(std::move(value));
        };
    };
    const auto clear = [tls](std::vector<std::string> TlsSettings::*list) {
        return [tls, list](Settings& settings) { (tls(settings).*list).clear(); };
    };
    const std::vector<std::string> versions{"tlsv1.3", "tlsv1.2", "tlsv1.1", "tlsv1"};
    return {
        setting(prefix + ".certfile", text("a path"), member(&TlsSettings::certfile),
                "The server's certificate, PEM, with the chain behind it."),
        setting(prefix + ".keyfile", text("a path"), member(&TlsSettings::keyfile), "Its private key, PEM."),
        setting(prefix + ".password", secret(), member(&TlsSettings::password), "What the key is encrypted with.")
            .as_secret(),
        setting(prefix + ".cacertfile", text("a path"), member(&TlsSettings::cacertfile),
                "Whose certificates of clients are believed, PEM."),
        setting(prefix + ".verify", choice(tls_verify_names), member(&TlsSettings::verify_peer),
                "verify_peer: clients are asked for a certificate, and it must be one that cacertfile vouches for."),
        setting(prefix + ".fail_if_no_peer_cert", boolean(), member(&TlsSettings::fail_if_no_peer_cert),
                "With verify_peer: clients without a certificate are refused."),
        custom_setting(prefix + ".versions.$n", one_of(versions), "", push(&TlsSettings::versions),
                       "TLS versions; unset: tlsv1.3 and tlsv1.2. Older ones are never offered, even when named.")
            .as_family("1", clear(&TlsSettings::versions)),
        custom_setting(prefix + ".ciphers.$n", text("a cipher suite as OpenSSL names it"), "",
                       push(&TlsSettings::ciphers), "Cipher suites; unset: those with forward secrecy and AEAD.")
            .as_family("1", clear(&TlsSettings::ciphers)),
        setting(prefix + ".honor_cipher_order", boolean(), member(&TlsSettings::honor_cipher_order),
                "The server's order of cipher suites decides, not the client's."),
        setting(prefix + ".depth", integer<std::uint16_t>("certificates", {0, 100}), member(&TlsSettings::depth),
                "How many may stand between a client's certificate and one of cacertfile."),
    };
}

std::vector<Setting> listener_rows() {
    return {
        custom_setting(
            "listeners.ssl.$name", endpoint(), "",
            [](Settings& s, std::string_view, Endpoint where) { s.tls_listeners.push_back(std::move(where)); },
            "Where AMQP clients connect with TLS, usually 5671; any number of names.")
            .as_family("default", [](Settings& s) { s.tls_listeners.clear(); }),
        custom_setting(
            "listeners.ssl", one_of({"none"}), "",
            [](Settings& s, std::string_view, const std::string&) { s.tls_listeners.clear(); },
            "none: no listener with TLS, whatever else is said."),
        setting("ssl_handshake_timeout", integer<std::uint32_t>("milliseconds", {1, 86'400'000}),
                at(&Settings::tls_handshake_timeout_ms), "From accept to the end of the TLS handshake."),
        setting("ssl_cert_login_from", choice(certificate_field_names),
                at(&Settings::certificate_login, &CertificateLogin::from),
                "What of a verified certificate is the user's name for the mechanism EXTERNAL."),
        setting("ssl_cert_login_san_type", choice(alternative_name_names),
                at(&Settings::certificate_login, &CertificateLogin::alternative_name),
                "Which kind of subject alternative name."),
        setting("ssl_cert_login_san_index", integer<std::uint16_t>("", {0, 1000}),
                at(&Settings::certificate_login, &CertificateLogin::index), "Which of that kind, from 0."),
    };
}

// A service of HTTP with TLS: `what` it is, and where usually.
std::vector<Setting> http_rows(const std::string& service, HttpTls Settings::*tls, const std::string& what) {
    const std::string prefix = service + ".ssl";
    std::vector<Setting> rows = option_rows(prefix, at(tls, &HttpTls::options));
    rows.insert(rows.begin(),
                {setting(prefix + ".port", integer<std::uint16_t>("a port", {0, max_uint16}), at(tls, &HttpTls::port),
                         what + " where there is a certificate; without " + service + ".tcp.* only there."),
                 setting(prefix + ".ip", ip_address(), at(tls, &HttpTls::address), "Its address.")});
    return rows;
}

} // namespace

std::vector<Setting> tls_rows() {
    std::vector<Setting> rows = listener_rows();
    for (auto& part :
         {option_rows("ssl_options", at(&Settings::tls)),
          http_rows("management", &Settings::management_tls, "HTTP API and web page with TLS; unset: 15671"),
          http_rows("prometheus", &Settings::prometheus_tls, "Metrics for Prometheus with TLS; unset: 15691")}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

} // namespace config
