#include "broker/auth/password_hash.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace broker;

namespace {

// RabbitMQ's documented vector: password test12, salt 90 8D C6 0A.
const std::string known_hash = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR";

PasswordHash sha256(std::string text) {
    return {HashingAlgorithm::sha256, std::move(text)};
}

std::string argon2(std::string_view parameters) {
    return "$argon2id$v=19$" + std::string(parameters) +
           "$c29tZXNhbHRzb21lc2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI";
}

} // namespace

TEST_CASE("password hash: RabbitMQ's known vector verifies", "[auth][password]") {
    CHECK(verify_password(sha256(known_hash), "test12"));
    CHECK_FALSE(verify_password(sha256(known_hash), "test13"));
    CHECK_FALSE(verify_password(sha256(known_hash), "test1"));
    CHECK_FALSE(verify_password(sha256(known_hash), std::string("test12\0", 7)));
}

TEST_CASE("password hash: what is made verifies, and only with that password", "[auth][password]") {
    const auto algorithm =
        GENERATE(HashingAlgorithm::md5, HashingAlgorithm::sha256, HashingAlgorithm::sha512, HashingAlgorithm::argon2id);
    INFO(name(algorithm));
    const PasswordHash hash = hash_password("s3cret", algorithm);
    CHECK(hash.algorithm == algorithm);
    CHECK(verify_password(hash, "s3cret"));
    CHECK_FALSE(verify_password(hash, "S3cret"));
    CHECK_FALSE(verify_password(hash, ""));
    CHECK(hash_password("s3cret", algorithm).text != hash.text); // another salt
    CHECK(import_password_hash(hash.text, name(algorithm), Md5::accepted).value() == hash);
    CHECK(import_password_hash(hash.text, "", Md5::accepted).value() == hash); // known by its shape
}

TEST_CASE("password hash: argon2id costs what OWASP asks for", "[auth][password]") {
    const PasswordHash hash = hash_password("x", HashingAlgorithm::argon2id);
    CHECK(hash.text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    CHECK(hash.is_slow());
    CHECK_FALSE(hash_password("", HashingAlgorithm::argon2id).is_slow());
    CHECK_FALSE(sha256(known_hash).is_slow());
}

TEST_CASE("password hash: blank passwords and empty hashes never match", "[auth][password]") {
    const auto algorithm = GENERATE(HashingAlgorithm::sha256, HashingAlgorithm::sha512, HashingAlgorithm::argon2id);
    const PasswordHash blank = hash_password("", algorithm);
    CHECK(blank.empty());
    CHECK_FALSE(verify_password(blank, ""));
    CHECK_FALSE(verify_password(blank, "x"));
    // base64(salt ++ SHA-256(salt)): a true hash of the blank password, made elsewhere
    CHECK_FALSE(verify_password(sha256("AAAAAN8/YZgEqS/bQFcZLcQ910jqd4rcUryEjOgFJMAUuBEZ"), ""));
}

TEST_CASE("password hash: an overlong password never matches", "[auth][password]") {
    CHECK_FALSE(verify_password(sha256(known_hash), std::string(max_password_size + 1, 'x')));
    const std::string longest(max_password_size, 'x');
    CHECK(verify_password(hash_password(longest, HashingAlgorithm::sha256), longest));
}

TEST_CASE("password hash: a damaged hash is refused and never matches", "[auth][password]") {
    const auto text = GENERATE(values<std::string>({
        "k",
        "not base64!",
        "kI3GCg==",                                             // only a salt
        "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2PO=",     // one octet short
        "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR\n",   // white space
        "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgx=s30+P6tENUV2POR",     // padding in the middle
        "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2PORAAAA", // too long
        std::string(100'000, 'A'),
    }));
    INFO(text.substr(0, 80));
    const auto imported = import_password_hash(text, "rabbit_password_hashing_sha256");
    REQUIRE_FALSE(imported.has_value());
    CHECK(imported.error().code == amqp::ReplyCode::precondition_failed);
    CHECK_FALSE(import_password_hash(text, "").has_value());
    CHECK_FALSE(verify_password(sha256(text), "test12"));
    CHECK_FALSE(verify_password({HashingAlgorithm::argon2id, text}, "test12"));
}

TEST_CASE("password hash: MD5 is refused unless it is asked for", "[auth][password]") {
    const PasswordHash hash = hash_password("x", HashingAlgorithm::md5);
    CHECK_FALSE(import_password_hash(hash.text, "rabbit_password_hashing_md5").has_value());
    CHECK_FALSE(import_password_hash(hash.text, "").has_value());
    CHECK(import_password_hash(hash.text, "rabbit_password_hashing_md5", Md5::accepted).has_value());
}

TEST_CASE("password hash: the cost of an imported argon2 hash is bounded", "[auth][password]") {
    struct Row {
        std::string text;
        bool accepted;
    };
    const auto row = GENERATE(values<Row>({
        {argon2("m=19456,t=2,p=1"), true},
        {argon2("m=65536,t=10,p=4"), true},
        {argon2("m=65537,t=2,p=1"), false},
        {argon2("m=4294967295,t=2,p=1"), false},
        {argon2("m=99999999999999999999,t=2,p=1"), false},
        {argon2("m=19456,t=11,p=1"), false},
        {argon2("m=19456,t=2,p=5"), false},
        {argon2("m=0,t=2,p=1"), false},
        {argon2("m=-1,t=2,p=1"), false},
        {argon2("m=19456,p=1,t=2"), false},
        {argon2("m=19456"), false},
        {"$argon2id$v=19$m=19456,t=2,p=1$", false},
        {"$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA", false},
    }));
    INFO(row.text);
    CHECK(import_password_hash(row.text, "argon2id").has_value() == row.accepted);
    CHECK(import_password_hash(row.text, "").has_value() == row.accepted);
}

TEST_CASE("password hash: an unknown algorithm is refused, an empty hash is an account without password",
          "[auth][password]") {
    CHECK_FALSE(import_password_hash(known_hash, "rot13").has_value());
    CHECK_FALSE(import_password_hash(known_hash, "rabbit_password_hashing_sha512").has_value());
    CHECK(import_password_hash("", "").value().empty());
    CHECK(import_password_hash("", "rabbit_password_hashing_sha512").value() ==
          PasswordHash{HashingAlgorithm::sha512, ""});
}

TEST_CASE("password hash: the dummy for unknown users costs as much and matches nothing", "[auth][password]") {
    CHECK(dummy_hash(HashingAlgorithm::argon2id).is_slow());
    CHECK_FALSE(dummy_hash(HashingAlgorithm::sha256).is_slow());
    CHECK_FALSE(dummy_hash(HashingAlgorithm::sha256).empty());
    CHECK_FALSE(verify_password(dummy_hash(HashingAlgorithm::sha256), "guest"));
    CHECK(dummy_hash(HashingAlgorithm::sha256).text == dummy_hash(HashingAlgorithm::sha256).text);
}
