// Password hashes: RabbitMQ's, so that its definitions can be imported, and argon2id for passwords set here.
//
//   rabbit_password_hashing_*   base64( salt(4 octets) ++ H(salt ++ password) )
//   argon2id                    $argon2id$v=19$m=19456,t=2,p=1$salt$digest
//
// Plain functions for any thread. argon2id takes about 45 ms and 19 MiB: never on a network thread or a strand.
#pragma once

#include "protocol/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

enum class HashingAlgorithm : std::uint8_t { md5, sha256, sha512, argon2id };

// "rabbit_password_hashing_sha256", ..., "argon2id"
std::string_view name(HashingAlgorithm algorithm);
std::optional<HashingAlgorithm> hashing_algorithm(std::string_view name);

struct PasswordHash {
    HashingAlgorithm algorithm = HashingAlgorithm::sha256;
    std::string text; // empty: no password opens this account

    bool empty() const { return text.empty(); }
    // Takes milliseconds to check: must be verified in the background.
    bool is_slow() const { return algorithm == HashingAlgorithm::argon2id && !empty(); }
    bool operator==(const PasswordHash&) const = default;
};

inline constexpr std::size_t max_password_size = 4096;

enum class Md5 : bool { refused, accepted };

// A hash from outside (HTTP, definitions file), checked. Without a name the algorithm follows from the hash itself.
// Cost parameters of argon2 are bounded. An empty hash is good: an account without a password.
amqp::Result<PasswordHash> import_password_hash(std::string text, std::string_view algorithm_name,
                                                Md5 md5 = Md5::refused);

// A blank password gives an empty hash. `password` is at most max_password_size octets.
PasswordHash hash_password(std::string_view password, HashingAlgorithm algorithm);

// Compared in constant time. Blank and overlong passwords never match, nor does anything match an empty hash.
bool verify_password(const PasswordHash& hash, std::string_view password);

// What an unknown user is checked against, so that the time taken does not tell that there is no such user.
const PasswordHash& dummy_hash(HashingAlgorithm algorithm);

} // namespace broker
