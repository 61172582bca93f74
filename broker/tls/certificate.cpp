#include "broker/tls/certificate.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>

namespace broker {
namespace {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;

std::string text_of(const ASN1_STRING* string) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, string);
    if (size < 0) {
        return {};
    }
    std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return text;
}

// Several common names are joined, as RabbitMQ does it.
std::string common_names(const X509_NAME* subject) {
    std::string joined;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
        const std::string name = text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
        joined.append(joined.empty() ? "" : ",").append(name);
    }
    return joined;
}

int kind_of(CertificateLogin::AlternativeName name) {
    switch (name) {
    case CertificateLogin::AlternativeName::dns:
        return GEN_DNS;
    case CertificateLogin::AlternativeName::ip:
        return GEN_IPADD;
    case CertificateLogin::AlternativeName::email:
        return GEN_EMAIL;
    case CertificateLogin::AlternativeName::uri:
        return GEN_URI;
    }
    return -1;
}

std::string text_of(const GENERAL_NAME& name) {
    const ASN1_STRING* string = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(&name, nullptr));
    if (name.type != GEN_IPADD) {
        return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                static_cast<std::size_t>(ASN1_STRING_length(string))};
    }
    const unsigned char* octets = ASN1_STRING_get0_data(string);
    if (ASN1_STRING_length(string) != 4) { // IPv6 has too many spellings to be a user's name
        return {};
    }
    return fmt::format("{}.{}.{}.{}", octets[0], octets[1], octets[2], octets[3]);
}

std::string alternative_name(const X509& certificate, const CertificateLogin& login) {
    const NamesPtr names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::size_t index = 0;
    for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == kind_of(login.alternative_name) && index++ == login.index) {
            return text_of(*name);
        }
    }
    return {};
}

std::string time_text(const ASN1_TIME* time) {
    std::tm calendar{};
    return ASN1_TIME_to_tm(time, &calendar) == 1 ? fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", calendar) : "?";
}

} // namespace

std::string distinguished_name(const X509_NAME* name) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    // RFC 2253 but for its escapes of what is not ASCII.
    const unsigned long flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    if (bio == nullptr || X509_NAME_print_ex(bio.get(), name, 0, flags) < 0) {
        return {};
    }
    char* octets = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &octets);
    return {octets, static_cast<std::size_t>(size)};
}

std::string subject_of(const X509& certificate) {
    return distinguished_name(X509_get_subject_name(&certificate));
}

std::string issuer_of(const X509& certificate) {
    return distinguished_name(X509_get_issuer_name(&certificate));
}

std::string validity_of(const X509& certificate) {
    return time_text(X509_get0_notBefore(&certificate)) + " - " + time_text(X509_get0_notAfter(&certificate));
}

std::chrono::system_clock::time_point expiry_of(const X509& certificate) {
    using Clock = std::chrono::system_clock;
    std::tm calendar{};
    ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &calendar);
    // The clock ends in 2262, and 9999-12-31 is how a certificate says that it never expires [RFC 5280, 4.1.2.5].
    return Clock::from_time_t(std::clamp(timegm(&calendar), Clock::to_time_t(Clock::time_point::min()),
                                         Clock::to_time_t(Clock::time_point::max())));
}

std::optional<std::string> login_of(const X509& certificate, const CertificateLogin& login) {
    std::string name;
    switch (login.from) {
    case CertificateLogin::From::distinguished_name:
        name = subject_of(certificate);
        break;
    case CertificateLogin::From::common_name:
        name = common_names(X509_get_subject_name(&certificate));
        break;
    case CertificateLogin::From::subject_alternative_name:
        name = alternative_name(certificate, login);
        break;
    }
    if (name.empty() || name.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    return name;
}

} // namespace broker
