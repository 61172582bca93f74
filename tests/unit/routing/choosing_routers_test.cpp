#include "broker/routing/local_random_router.hpp"
#include "broker/routing/modulus_hash_router.hpp"
#include "broker/routing/random_router.hpp"
#include "tests/unit/routing/routing_test_support.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace broker;

namespace {

constexpr int messages = 20'000;

template <class R>
std::vector<std::string> route_all(const R& router) {
    Matches matches;
    std::vector<std::string> names;
    for (int i = 0; i < messages; ++i) {
        const std::string key = std::to_string(i);
        const Names found = matching(router, {key}, matches);
        REQUIRE(found.size() == 1);
        names.push_back(found.front());
    }
    return names;
}

std::map<std::string, int> count(const std::vector<std::string>& names) {
    std::map<std::string, int> result;
    for (const std::string& name : names) {
        ++result[name];
    }
    return result;
}

template <class R>
void bind_four(R& router, std::vector<TestDestination*> queues) {
    for (TestDestination* queue : queues) {
        router.add(binding_of(*queue, ""));
    }
    router.add(binding_of(*queues.front(), "", {{"twice", 1}}));
}

} // namespace

TEST_CASE("modulus hash router: keys spread evenly, however often a destination is bound", "[routing][modulus-hash]") {
    TestDestination a("a"), b("b"), c("c"), d("d");
    ModulusHashRouter router;
    bind_four(router, {&a, &b, &c, &d});
    const auto shares = count(route_all(router));
    CHECK(shares.size() == 4);
    for (const auto& [name, share] : shares) {
        INFO(name);
        CHECK(share == Approx(messages / 4.0).epsilon(0.05));
    }
}

TEST_CASE("modulus hash router: the same bindings give the same places", "[routing][modulus-hash]") {
    TestDestination a("a"), b("b"), c("c"), d("d");
    ModulusHashRouter router;
    bind_four(router, {&a, &b, &c, &d});
    TestDestination d2("d"), c2("c"), b2("b"), a2("a"), gone("gone");
    ModulusHashRouter restarted;
    restarted.add(binding_of(gone, ""));
    bind_four(restarted, {&c2, &a2, &d2, &b2});
    restarted.remove(binding_of(gone, ""));
    CHECK(route_all(router) == route_all(restarted));
}

TEST_CASE("modulus hash router: all routing keys count", "[routing][modulus-hash]") {
    TestDestination a("a"), b("b"), c("c"), d("d");
    ModulusHashRouter router;
    bind_four(router, {&a, &b, &c, &d});
    Matches matches;
    std::map<std::string, int> places;
    for (int i = 0; i < 100; ++i) {
        const std::vector<std::string> more{std::to_string(i)};
        const RoutingInput input{.routing_key = "same", .headers = nullptr, .properties = nullptr, .more_keys = &more};
        const Names found = matching(router, input, matches);
        REQUIRE(found.size() == 1);
        ++places[found.front()];
    }
    CHECK(places.size() == 4);
}

TEST_CASE("random router: every destination is as likely, however often it is bound", "[routing][random]") {
    TestDestination a("a"), b("b"), c("c"), d("d");
    RandomRouter router(7);
    bind_four(router, {&a, &b, &c, &d});
    const auto names = route_all(router);
    for (const auto& [name, share] : count(names)) {
        INFO(name);
        CHECK(share == Approx(messages / 4.0).epsilon(0.05));
    }
    RandomRouter same_seed(7);
    bind_four(same_seed, {&a, &b, &c, &d});
    CHECK(route_all(same_seed) == names);
    RandomRouter other_seed(8);
    bind_four(other_seed, {&a, &b, &c, &d});
    CHECK(route_all(other_seed) != names);
}

TEST_CASE("random router: what is unbound gets nothing more", "[routing][random]") {
    TestDestination a("a"), b("b");
    RandomRouter router(7);
    router.add(binding_of(a, "x"));
    router.add(binding_of(b, "y"));
    router.remove(binding_of(a, "x"));
    CHECK(count(route_all(router)) == std::map<std::string, int>{{"b", messages}});
    router.remove(binding_of(b, "y"));
    CHECK(router.empty());
}

TEST_CASE("local random router: takes empty binding keys only", "[routing][random]") {
    CHECK(LocalRandomRouter::validate("", {}).has_value());
    const auto refused = LocalRandomRouter::validate("k", {});
    REQUIRE(refused.has_error());
    CHECK(refused.error().reply_text() == "PRECONDITION_FAILED - Non empty binding 'k' key not permitted");
}
