#include "broker/auth/verified_credentials.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace broker;

namespace {

User user(std::string name, std::uint64_t version = 1) {
    User made;
    made.name = std::move(name);
    made.version = version;
    return made;
}

} // namespace

TEST_CASE("verified credentials: knows what was inserted and nothing else", "[auth][password]") {
    VerifiedCredentials subject;
    CHECK_FALSE(subject.contains(user("u"), "p"));
    subject.insert(user("u"), "p");
    CHECK(subject.contains(user("u"), "p"));
    CHECK_FALSE(subject.contains(user("u"), "q"));
    CHECK_FALSE(subject.contains(user("v"), "p"));
    CHECK_FALSE(subject.contains(user("up"), ""));
    CHECK_FALSE(subject.contains(user(""), "up"));
}

TEST_CASE("verified credentials: another version of the user is another user", "[auth][password]") {
    VerifiedCredentials subject;
    subject.insert(user("u", 1), "p");
    CHECK_FALSE(subject.contains(user("u", 2), "p"));
}

TEST_CASE("verified credentials: the oldest is forgotten when it is full", "[auth][password]") {
    VerifiedCredentials subject(3);
    for (const char* password : {"a", "b", "b", "c", "d"}) {
        subject.insert(user("u"), password);
    }
    CHECK(subject.size() == 3);
    CHECK_FALSE(subject.contains(user("u"), "a"));
    CHECK(subject.contains(user("u"), "b"));
    CHECK(subject.contains(user("u"), "d"));
}
