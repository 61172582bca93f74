#include "tests/unit/routing/routing_test_support.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>

using namespace broker;

TEST_CASE("binding: destination, key and arguments make its identity", "[routing][C10]") {
    TestDestination a;
    TestDestination b;
    CHECK(binding_of(a, "k").same_as(binding_of(a, "k")));
    CHECK_FALSE(binding_of(a, "k").same_as(binding_of(b, "k")));
    CHECK_FALSE(binding_of(a, "k").same_as(binding_of(a, "K")));
    CHECK_FALSE(binding_of(a, "k").same_as(binding_of(a, "k", {{"x", 1}})));
}

TEST_CASE("binding: the order of arguments does not matter, their types do", "[routing][C10]") {
    TestDestination a;
    const Binding binding = binding_of(a, "k", {{"x", std::int32_t{1}}, {"y", "two"}});
    CHECK(binding.same_as(binding_of(a, "k", {{"y", "two"}, {"x", std::int32_t{1}}})));
    CHECK_FALSE(binding.same_as(binding_of(a, "k", {{"x", std::int64_t{1}}, {"y", "two"}})));
    CHECK_FALSE(binding.same_as(binding_of(a, "k", {{"x", std::int32_t{2}}, {"y", "two"}})));
}

TEST_CASE("binding: an argument that is no number equals itself", "[routing]") {
    TestDestination a;
    CHECK(binding_of(a, "k", {{"x", std::nan("")}}).same_as(binding_of(a, "k", {{"x", std::nan("")}})));
}

TEST_CASE("matches: a destination is there once until the next message", "[routing]") {
    TestDestination a("a");
    TestDestination b("b");
    Matches matches;
    CHECK(matches.empty());
    CHECK(matches.add(a));
    CHECK(matches.add(b));
    CHECK_FALSE(matches.add(a));
    REQUIRE(matches.size() == 2);
    CHECK(&matches[0] == &a);
    CHECK(matches.all()[1] == &b);
    matches.clear();
    CHECK(matches.empty());
    CHECK(matches.add(a));
}
