#include "cli/pattern.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace cli;

TEST_CASE("pattern: found anywhere in a name, as the broker does", "[cli]") {
    CHECK(matches("b", "abc"));
    CHECK(matches("", "abc"));
    CHECK(matches("^(?!amq\\.).*", "work"));
    CHECK_FALSE(matches("^(?!amq\\.).*", "amq.work"));
    CHECK_FALSE(matches("^b", "abc"));
}

TEST_CASE("pattern: what is none, or would take for ever, is not found", "[cli]") {
    CHECK_FALSE(matches("(", "("));
    CHECK_FALSE(matches("^(a+)+$", std::string(200, 'a') + "b"));
}
