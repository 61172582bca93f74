#include "broker/auth/verified_credentials.hpp"

#include "protocol/assert.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <string>

namespace broker {

VerifiedCredentials::VerifiedCredentials(std::size_t capacity) : capacity_(capacity) {
    LEVERET_ASSERT(capacity > 0);
    LEVERET_ASSERT(RAND_bytes(key_.data(), static_cast<int>(key_.size())) == 1);
}

bool VerifiedCredentials::contains(const User& user, std::string_view password) const {
    const Digest wanted = digest(user, password);
    const std::lock_guard lock(mutex_);
    return digests_.contains(wanted);
}

void VerifiedCredentials::insert(const User& user, std::string_view password) {
    const Digest verified = digest(user, password);
    const std::lock_guard lock(mutex_);
    if (!digests_.insert(verified).second) {
        return;
    }
    by_age_.push_back(verified);
    if (by_age_.size() > capacity_) {
        digests_.erase(by_age_.front());
        by_age_.pop_front();
    }
}

std::size_t VerifiedCredentials::size() const {
    const std::lock_guard lock(mutex_);
    return digests_.size();
}

VerifiedCredentials::Digest VerifiedCredentials::digest(const User& user, std::string_view password) const {
    // The name's length comes first, so that no two pairs of name and password make the same input.
    std::string input = std::to_string(user.version) + ' ' + std::to_string(user.name.size()) + ' ' + user.name;
    input.append(password);
    Digest result{};
    unsigned size = 0;
    const auto* made = HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
                            reinterpret_cast<const unsigned char*>(input.data()), input.size(), result.data(), &size);
    OPENSSL_cleanse(input.data(), input.size());
    LEVERET_ASSERT(made != nullptr && size == result.size());
    return result;
}

} // namespace broker
