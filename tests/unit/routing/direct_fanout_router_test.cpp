#include "broker/routing/direct_router.hpp"
#include "broker/routing/fanout_router.hpp"
#include "tests/unit/routing/routing_test_support.hpp"

#include <catch2/catch.hpp>

using namespace broker;

TEST_CASE("direct router: the key must be equal", "[routing][direct]") {
    DirectRouter router;
    Matches matches;
    TestDestination a("a");
    TestDestination b("b");
    router.add(binding_of(a, "k"));
    router.add(binding_of(b, "k"));
    router.add(binding_of(b, "other"));
    router.add(binding_of(a, ""));
    CHECK(matching(router, {"k"}, matches) == Names{"a", "b"});
    CHECK(matching(router, {"other"}, matches) == Names{"b"});
    CHECK(matching(router, {""}, matches) == Names{"a"});
    CHECK(matching(router, {"K"}, matches).empty());
    CHECK(matching(router, {"k.k"}, matches).empty());
}

TEST_CASE("direct router: bindings that differ in arguments count as one until the last goes", "[routing][direct]") {
    DirectRouter router;
    Matches matches;
    TestDestination a("a");
    router.add(binding_of(a, "k", {{"a", 1}}));
    router.add(binding_of(a, "k", {{"a", 2}}));
    CHECK(matching(router, {"k"}, matches) == Names{"a"});
    router.remove(binding_of(a, "k", {{"a", 1}}));
    CHECK(matching(router, {"k"}, matches) == Names{"a"});
    router.remove(binding_of(a, "k", {{"a", 2}}));
    CHECK(matching(router, {"k"}, matches).empty());
    CHECK(router.empty());
}

TEST_CASE("direct router: a destination is found once for several keys of a message", "[routing][direct][C29]") {
    DirectRouter router;
    Matches matches;
    TestDestination a("a");
    router.add(binding_of(a, "k"));
    router.add(binding_of(a, "cc"));
    router.match({"k"}, matches);
    router.match({"cc"}, matches);
    CHECK(matches.size() == 1);
}

TEST_CASE("fanout router: every binding matches whatever the key", "[routing][fanout]") {
    FanoutRouter router;
    Matches matches;
    TestDestination a("a");
    TestDestination b("b");
    CHECK(matching(router, {"k"}, matches).empty());
    router.add(binding_of(a, "x"));
    router.add(binding_of(a, "y"));
    router.add(binding_of(b, ""));
    CHECK(matching(router, {"k"}, matches) == Names{"a", "b"});
    router.remove(binding_of(a, "x"));
    CHECK(matching(router, {"k"}, matches) == Names{"a", "b"});
    router.remove(binding_of(a, "y"));
    CHECK(matching(router, {"k"}, matches) == Names{"b"});
    router.remove(binding_of(b, ""));
    CHECK(router.empty());
}
