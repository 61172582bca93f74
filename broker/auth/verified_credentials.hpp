// Remembers which passwords argon2 has found right, so that a reconnecting client costs microseconds. Keeps a keyed
// digest of user, version and password, never a password; the key is random per process. A change of the user changes
// the version, so that what was remembered is never found again. Any thread; its lock is held for one look-up.
#pragma once

#include "broker/auth/user.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <set>
#include <string_view>

namespace broker {

class VerifiedCredentials {
 public:
    explicit VerifiedCredentials(std::size_t capacity = 10'000);

    bool contains(const User& user, std::string_view password) const;
    void insert(const User& user, std::string_view password); // forgets the oldest when full
    std::size_t size() const;

 private:
    using Digest = std::array<std::uint8_t, 32>;
    Digest digest(const User& user, std::string_view password) const;

    const std::size_t capacity_;
    std::array<std::uint8_t, 32> key_;
    mutable std::mutex mutex_;
    std::set<Digest> digests_;
    std::deque<Digest> by_age_;
};

} // namespace broker
