#include "tests/support/test_certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace broker::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

constexpr long day = 24 * 60 * 60;

Key make_key() {
    return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}

void set_name(X509_NAME* name, std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        const std::size_t equals = part->find('=');
        const std::string value = part->substr(equals + 1);
        X509_NAME_add_entry_by_txt(name, part->substr(0, equals).c_str(), MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(value.data()), static_cast<int>(value.size()),
                                   -1, 0);
    }
}

void extend(X509* certificate, X509* issuer, int kind, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
    if (extension == nullptr) {
        throw std::runtime_error("a certificate's extension");
    }
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

Certificate make_certificate(EVP_PKEY* key, std::string_view subject, int days) {
    static long serial = 0;
    Certificate certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * day);
    X509_set_pubkey(certificate.get(), key);
    set_name(X509_get_subject_name(certificate.get()), subject);
    return certificate;
}

template <class Write>
void write(const std::filesystem::path& path, Write write_pem) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    if (file == nullptr || write_pem(file) != 1) {
        throw std::runtime_error("cannot write " + path.string());
    }
    std::fclose(file);
}

} // namespace

TestAuthority::TestAuthority(std::string_view name) : key_(make_key()), certificate_(nullptr, X509_free) {
    std::string path = (std::filesystem::temp_directory_path() / "leveret-certificates-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
        throw std::runtime_error("mkdtemp");
    }
    directory_ = path;
    certificate_ = make_certificate(key_.get(), "CN=" + std::string(name), 365);
    X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
    extend(certificate_.get(), certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    write(file(), [&](std::FILE* out) { return PEM_write_X509(out, certificate_.get()); });
}

TestAuthority::~TestAuthority() {
    std::filesystem::remove_all(directory_);
}

CertificateFiles TestAuthority::sign(std::string_view file_name, std::string_view subject,
                                     std::string alternative_names, int days) const {
    const Key key = make_key();
    const Certificate certificate = make_certificate(key.get(), subject, days);
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
    if (!alternative_names.empty()) {
        extend(certificate.get(), certificate_.get(), NID_subject_alt_name, alternative_names.c_str());
    }
    X509_sign(certificate.get(), key_.get(), EVP_sha256());
    const CertificateFiles files{(directory_ / (std::string(file_name) + ".pem")).string(),
                                 (directory_ / (std::string(file_name) + ".key")).string()};
    write(files.certificate, [&](std::FILE* out) { return PEM_write_X509(out, certificate.get()); });
    write(files.key,
          [&](std::FILE* out) { return PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    return files;
}

} // namespace broker::test
