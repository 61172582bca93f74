// What a client says about who it is: the response of PLAIN and AMQPLAIN, and of EXTERNAL the certificate, whose names
// are whatever somebody could make a CA sign. The first octet chooses.
#include "broker/auth/sasl.hpp"

#include "broker/tls/certificate.hpp"
#include "protocol/assert.hpp"
#include "tests/fuzz/input.hpp"

#include <openssl/x509.h>

#include <memory>
#include <string_view>

using namespace broker;

namespace {

struct FreeCertificate {
    void operator()(X509* certificate) const { X509_free(certificate); }
};

void certificate(std::string_view octets) {
    const auto* at = reinterpret_cast<const unsigned char*>(octets.data());
    const std::unique_ptr<X509, FreeCertificate> parsed(d2i_X509(nullptr, &at, static_cast<long>(octets.size())));
    if (parsed == nullptr) {
        return;
    }
    static_cast<void>(subject_of(*parsed));
    static_cast<void>(issuer_of(*parsed));
    static_cast<void>(validity_of(*parsed));
    static_cast<void>(expiry_of(*parsed));
    using From = CertificateLogin::From;
    for (const auto from : {From::distinguished_name, From::common_name, From::subject_alternative_name}) {
        const auto user = login_of(*parsed, {.from = from});
        LEVERET_ASSERT(!user || user->find('\0') == std::string::npos);
    }
}

void password(std::string_view mechanism, std::string_view response) {
    const auto credentials = parse_sasl_response(mechanism, response);
    LEVERET_ASSERT(!credentials || response.size() <= max_sasl_response_size);
    if (credentials && mechanism == "PLAIN") {
        LEVERET_ASSERT(response.size() == credentials->user.size() + credentials->password.size() + 2);
        LEVERET_ASSERT(credentials->user.find('\0') == std::string::npos);
    }
    LEVERET_ASSERT(credentials.has_value() || !credentials.error().text.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    switch (input.octet() % 4) {
    case 0:
        password("PLAIN", input.rest());
        break;
    case 1:
        password("AMQPLAIN", input.rest());
        break;
    case 2:
        certificate(input.rest());
        break;
    default: {
        const std::string_view mechanism = input.line();
        password(mechanism, input.rest());
    }
    }
    return 0;
}
