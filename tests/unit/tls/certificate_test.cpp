#include "broker/tls/certificate.hpp"
#include "tests/support/test_certificates.hpp"

#include <catch2/catch.hpp>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>

using namespace broker;
using From = CertificateLogin::From;
using Name = CertificateLogin::AlternativeName;

namespace {

std::unique_ptr<X509, void (*)(X509*)> read(const test::CertificateFiles& files) {
    std::FILE* file = std::fopen(files.certificate.c_str(), "r");
    REQUIRE(file != nullptr);
    X509* certificate = PEM_read_X509(file, nullptr, nullptr, nullptr);
    std::fclose(file);
    REQUIRE(certificate != nullptr);
    return {certificate, X509_free};
}

} // namespace

TEST_CASE("certificate: names are written as RabbitMQ does, the most specific part first", "[tls][P13]") {
    const test::TestAuthority authority("Hutch");
    struct Row {
        const char *subject, *expected;
    };
    const auto row = GENERATE(values<Row>({
        {"CN=client,O=acme", "CN=client,O=acme"},
        {"CN=client,OU=b,O=acme,C=DE", "CN=client,OU=b,O=acme,C=DE"},
        {"CN=a+b", "CN=a\\+b"},
        {"CN=Jörg", "CN=Jörg"},
    }));
    const auto certificate = read(authority.sign("x", row.subject));
    CHECK(subject_of(*certificate) == row.expected);
    CHECK(issuer_of(*certificate) == "CN=Hutch");
}

TEST_CASE("certificate: its validity and expiry", "[tls]") {
    const test::TestAuthority authority;
    const auto certificate = read(authority.sign("x", "CN=x", {}, 10));
    const auto left = expiry_of(*certificate) - std::chrono::system_clock::now();
    CHECK(left < std::chrono::hours(24 * 10 + 1));
    CHECK(left > std::chrono::hours(24 * 10 - 1));
    const std::string validity = validity_of(*certificate);
    REQUIRE(validity.size() == 43);
    CHECK(validity.substr(19, 4) == "Z - ");
    CHECK(validity.ends_with('Z'));
}

TEST_CASE("certificate: one that never expires, and one whose dates are none", "[tls]") {
    const test::TestAuthority authority;
    const auto certificate = read(authority.sign("x", "CN=x"));
    REQUIRE(ASN1_TIME_set_string(X509_getm_notAfter(certificate.get()), "99991231235959Z") == 1);
    CHECK(expiry_of(*certificate) - std::chrono::system_clock::now() > std::chrono::hours(24 * 365 * 200));
    CHECK(validity_of(*certificate).ends_with(" - 9999-12-31T23:59:59Z"));

    REQUIRE(ASN1_STRING_set(X509_getm_notAfter(certificate.get()), "never", 5) == 1);
    CHECK(validity_of(*certificate).ends_with(" - ?"));
    CHECK(expiry_of(*certificate) < std::chrono::system_clock::now());
}

TEST_CASE("certificate: the part that was chosen is the user's name", "[tls][P13]") {
    const test::TestAuthority authority;
    const auto certificate =
        read(authority.sign("x", "CN=client,CN=second,O=acme", "DNS:one,DNS:two,IP:10.0.0.1,email:a@b,URI:urn:c"));
    struct Row {
        CertificateLogin login;
        std::optional<std::string> expected;
    };
    const auto row = GENERATE(values<Row>({
        {{From::distinguished_name, Name::dns, 0}, "CN=client,CN=second,O=acme"},
        {{From::common_name, Name::dns, 0}, "second,client"},
        {{From::subject_alternative_name, Name::dns, 0}, "one"},
        {{From::subject_alternative_name, Name::dns, 1}, "two"},
        {{From::subject_alternative_name, Name::dns, 2}, std::nullopt},
        {{From::subject_alternative_name, Name::ip, 0}, "10.0.0.1"},
        {{From::subject_alternative_name, Name::email, 0}, "a@b"},
        {{From::subject_alternative_name, Name::uri, 0}, "urn:c"},
    }));
    CHECK(login_of(*certificate, row.login) == row.expected);
}

TEST_CASE("certificate: one without the part that was chosen names nobody", "[tls][P13]") {
    const test::TestAuthority authority;
    const auto certificate = read(authority.sign("x", "O=acme"));
    CHECK_FALSE(login_of(*certificate, {From::common_name, Name::dns, 0}));
    CHECK_FALSE(login_of(*certificate, {From::subject_alternative_name, Name::dns, 0}));
}
