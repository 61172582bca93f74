// Responses of the mechanisms, and a certificate. Its key is fixed and Ed25519 signatures have no chance in them, so it
// is the same one every time.
#include "protocol/field_table.hpp"
#include "tests/fuzz/seeds.hpp"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace {

constexpr unsigned char key_octets[32] = {1, 2, 3, 4, 5, 6, 7, 8};
constexpr long one_year = 31'536'000;

void add_name(X509_NAME* name, const char* field, std::string_view text) {
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                               static_cast<int>(text.size()), -1, 0);
}

std::string certificate(bool with_dates) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key_octets, sizeof key_octets), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 7);
    ASN1_TIME_set(X509_getm_notBefore(made.get()), 1'700'000'000);
    ASN1_TIME_set(X509_getm_notAfter(made.get()), 1'700'000'000 + one_year);
    if (!with_dates) {
        ASN1_STRING_set(X509_getm_notBefore(made.get()), "never", 5);
    }
    X509_NAME* subject = X509_get_subject_name(made.get());
    add_name(subject, "O", "a, \"strange\" name");
    add_name(subject, "CN", "guest");
    X509_set_issuer_name(made.get(), subject);
    X509_set_pubkey(made.get(), key.get());
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                                                "DNS:localhost,IP:127.0.0.1,email:guest@localhost,URI:urn:guest");
    X509_add_ext(made.get(), names, -1);
    X509_EXTENSION_free(names);
    X509_sign(made.get(), key.get(), nullptr);

    unsigned char* encoded = nullptr;
    const int size = i2d_X509(made.get(), &encoded);
    std::string octets(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size));
    OPENSSL_free(encoded);
    return octets;
}

} // namespace

void add_sasl_seeds(const Corpus& corpus) {
    using namespace std::string_literals;
    corpus.add("sasl", "plain", "\0\0guest\0guest"s);
    corpus.add("sasl", "plain-with-identity", "\0admin\0guest\0guest"s);
    corpus.add("sasl", "amqplain", '\1' + amqp::FieldTable{{"LOGIN", "guest"}, {"PASSWORD", "guest"}}.encode());
    const amqp::FieldTable octets{{"LOGIN", "guest"}, {"PASSWORD", amqp::ByteArray{"guest"}}};
    corpus.add("sasl", "amqplain-octets", '\1' + octets.encode());
    corpus.add("sasl", "certificate", '\2' + certificate(true));
    corpus.add("sasl", "certificate-without-dates", '\2' + certificate(false));
    corpus.add("sasl", "unknown", "\3RABBIT-CR-DEMO\nguest");
}
