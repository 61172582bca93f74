// Certificates made while a test runs: an authority of the test's own, and what it signs. Files go with the object.
#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace broker::test {

struct CertificateFiles {
    std::string certificate, key;
};

class TestAuthority {
 public:
    explicit TestAuthority(std::string_view name = "Test CA");
    ~TestAuthority();
    TestAuthority(const TestAuthority&) = delete;
    TestAuthority& operator=(const TestAuthority&) = delete;

    std::string file() const { return (directory_ / "ca.pem").string(); }
    std::filesystem::path directory() const { return directory_; }

    // `subject` is "CN=client,O=acme", most specific part first; `alternative_names` as in openssl.cnf:
    // "DNS:a,IP:1.2.3.4". Signed again under the same name it replaces the files.
    CertificateFiles sign(std::string_view file_name, std::string_view subject, std::string alternative_names = {},
                          int days = 365) const;

 private:
    std::filesystem::path directory_;
    std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
    std::unique_ptr<X509, void (*)(X509*)> certificate_;
};

} // namespace broker::test
