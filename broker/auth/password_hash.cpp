#include "broker/auth/password_hash.hpp"

#include "protocol/assert.hpp"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace broker {

namespace {

constexpr std::size_t salt_size = 4; // RabbitMQ's
constexpr std::size_t max_hash_size = 256;

struct AlgorithmName {
    HashingAlgorithm algorithm;
    std::string_view name;
};
constexpr std::array<AlgorithmName, 4> algorithm_names{{
    {HashingAlgorithm::md5, "rabbit_password_hashing_md5"},
    {HashingAlgorithm::sha256, "rabbit_password_hashing_sha256"},
    {HashingAlgorithm::sha512, "rabbit_password_hashing_sha512"},
    {HashingAlgorithm::argon2id, "argon2id"},
}};

// OWASP's minimum for argon2id, and the most that an imported hash may cost.
constexpr std::uint32_t argon2_memory_kib = 19'456, argon2_passes = 2, argon2_lanes = 1;
constexpr std::uint32_t max_argon2_memory_kib = 65'536, max_argon2_passes = 10, max_argon2_lanes = 4;
constexpr std::size_t argon2_salt_size = 16, argon2_digest_size = 32;
constexpr std::string_view argon2_prefix = "$argon2id$v=19$m=";

std::string encode_base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3), '\0');
    // EVP_EncodeBlock also writes a terminating NUL: into the place where std::string keeps its own.
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
    return text;
}

// Strict: no white space, padding only at the end.
std::optional<std::string> decode_base64(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t digits = std::min(text.find_first_not_of(alphabet), text.size());
    const std::size_t padding = text.size() - digits;
    if (text.size() > max_hash_size || text.size() % 4 != 0 || padding > 2 ||
        text.substr(digits) != std::string_view("==").substr(0, padding)) {
        return std::nullopt;
    }
    std::string bytes(text.size() / 4 * 3, '\0');
    const int decoded =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (decoded < 0) {
        return std::nullopt;
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

const EVP_MD* digest_of(HashingAlgorithm algorithm) {
    switch (algorithm) {
    case HashingAlgorithm::md5:
        return EVP_md5();
    case HashingAlgorithm::sha256:
        return EVP_sha256();
    case HashingAlgorithm::sha512:
        return EVP_sha512();
    case HashingAlgorithm::argon2id:
        break;
    }
    LEVERET_UNREACHABLE("no such algorithm");
}

std::size_t hash_size(HashingAlgorithm algorithm) {
    return salt_size + static_cast<std::size_t>(EVP_MD_get_size(digest_of(algorithm)));
}

// salt ++ H(salt ++ password); empty when this build of OpenSSL refuses the digest.
std::string salted_digest(std::string_view salt, std::string_view password, HashingAlgorithm algorithm) {
    std::string input(salt);
    input.append(password);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const int ok = EVP_Digest(input.data(), input.size(), digest.data(), &size, digest_of(algorithm), nullptr);
    OPENSSL_cleanse(input.data(), input.size());
    if (ok != 1) {
        return {};
    }
    return std::string(salt).append(reinterpret_cast<const char*>(digest.data()), size);
}

std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    LEVERET_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) == 1);
    return bytes;
}

std::string hash_argon2id(std::string_view password) {
    const std::string salt = random_bytes(argon2_salt_size);
    std::array<char, max_hash_size> encoded{};
    const int outcome =
        argon2id_hash_encoded(argon2_passes, argon2_memory_kib, argon2_lanes, password.data(), password.size(),
                              salt.data(), salt.size(), argon2_digest_size, encoded.data(), encoded.size());
    LEVERET_ASSERT(outcome == ARGON2_OK);
    return encoded.data();
}

bool verify_argon2id(const std::string& encoded, std::string_view password) {
    return argon2id_verify(encoded.c_str(), password.data(), password.size()) == ARGON2_OK;
}

// Reads "123" and the separator behind it off the front of `text`.
bool take_number(std::string_view& text, std::string_view separator, std::uint32_t maximum) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (error != std::errc{} || value == 0 || value > maximum || !text.starts_with(separator)) {
        return false;
    }
    text.remove_prefix(separator.size());
    return true;
}

bool is_affordable_argon2id(std::string_view text) {
    if (text.size() > max_hash_size || text.find('\0') != std::string_view::npos || !text.starts_with(argon2_prefix)) {
        return false;
    }
    text.remove_prefix(argon2_prefix.size());
    return take_number(text, ",t=", max_argon2_memory_kib) && take_number(text, ",p=", max_argon2_passes) &&
           take_number(text, "$", max_argon2_lanes) && std::ranges::count(text, '$') == 1;
}

std::optional<HashingAlgorithm> algorithm_by_shape(std::string_view text) {
    if (text.starts_with(argon2_prefix)) {
        return HashingAlgorithm::argon2id;
    }
    const auto bytes = decode_base64(text);
    for (const auto algorithm : {HashingAlgorithm::md5, HashingAlgorithm::sha256, HashingAlgorithm::sha512}) {
        if (bytes && bytes->size() == hash_size(algorithm)) {
            return algorithm;
        }
    }
    return std::nullopt;
}

bool is_well_formed(std::string_view text, HashingAlgorithm algorithm) {
    if (algorithm == HashingAlgorithm::argon2id) {
        return is_affordable_argon2id(text);
    }
    const auto bytes = decode_base64(text);
    return bytes && bytes->size() == hash_size(algorithm);
}

} // namespace

std::string_view name(HashingAlgorithm algorithm) {
    return std::ranges::find(algorithm_names, algorithm, &AlgorithmName::algorithm)->name;
}

std::optional<HashingAlgorithm> hashing_algorithm(std::string_view name) {
    const auto* const found = std::ranges::find(algorithm_names, name, &AlgorithmName::name);
    if (found == algorithm_names.end()) {
        return std::nullopt;
    }
    return found->algorithm;
}

amqp::Result<PasswordHash> import_password_hash(std::string text, std::string_view algorithm_name, Md5 md5) {
    const auto algorithm =
        algorithm_name.empty() && !text.empty() ? algorithm_by_shape(text) : hashing_algorithm(algorithm_name);
    if (text.empty()) {
        return PasswordHash{algorithm.value_or(HashingAlgorithm::sha256), {}};
    }
    if (!algorithm && !algorithm_name.empty()) {
        return amqp::precondition_failed("unknown hashing_algorithm");
    }
    if (!algorithm || !is_well_formed(text, *algorithm)) {
        return amqp::precondition_failed("password_hash is not a hash of its hashing_algorithm");
    }
    if (algorithm == HashingAlgorithm::md5 && md5 == Md5::refused) {
        return amqp::precondition_failed("hashing_algorithm rabbit_password_hashing_md5 is not accepted");
    }
    return PasswordHash{*algorithm, std::move(text)};
}

PasswordHash hash_password(std::string_view password, HashingAlgorithm algorithm) {
    LEVERET_ASSERT(password.size() <= max_password_size);
    if (password.empty()) {
        return {algorithm, {}};
    }
    if (algorithm == HashingAlgorithm::argon2id) {
        return {algorithm, hash_argon2id(password)};
    }
    return {algorithm, encode_base64(salted_digest(random_bytes(salt_size), password, algorithm))};
}

bool verify_password(const PasswordHash& hash, std::string_view password) {
    if (password.empty() || password.size() > max_password_size || !is_well_formed(hash.text, hash.algorithm)) {
        return false;
    }
    if (hash.algorithm == HashingAlgorithm::argon2id) {
        return verify_argon2id(hash.text, password);
    }
    const std::string expected = decode_base64(hash.text).value_or("");
    const std::string actual = salted_digest(std::string_view(expected).substr(0, salt_size), password, hash.algorithm);
    return actual.size() == expected.size() && CRYPTO_memcmp(actual.data(), expected.data(), actual.size()) == 0;
}

const PasswordHash& dummy_hash(HashingAlgorithm algorithm) {
    // Nobody knows the passwords behind these. Made once per algorithm, at the first use.
    const auto make = [](HashingAlgorithm of) { return hash_password(random_bytes(32), of); };
    if (algorithm == HashingAlgorithm::argon2id) {
        static const PasswordHash argon2id = make(HashingAlgorithm::argon2id);
        return argon2id;
    }
    static const PasswordHash sha256 = make(HashingAlgorithm::sha256);
    return sha256;
}

} // namespace broker
