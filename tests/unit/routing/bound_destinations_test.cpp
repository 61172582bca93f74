#include "broker/routing/bound_destinations.hpp"
#include "tests/unit/routing/routing_test_support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>

using namespace broker;

TEST_CASE("bound destinations: one is there as long as one of its bindings is", "[routing]") {
    BoundDestinations bound;
    TestDestination a;
    bound.add(a);
    bound.add(a);
    CHECK(bound.size() == 1);
    bound.remove(a);
    CHECK(bound.size() == 1);
    bound.remove(a);
    CHECK(bound.empty());
}

TEST_CASE("bound destinations: all are found while the set grows and shrinks in any order", "[routing]") {
    std::array<TestDestination, 100> destinations;
    std::array<std::size_t, 100> order{};
    std::iota(order.begin(), order.end(), 0);
    std::mt19937 random(7);
    std::shuffle(order.begin(), order.end(), random);

    BoundDestinations bound;
    Matches matches;
    for (std::size_t count = 0; count < order.size(); ++count) {
        bound.add(destinations[order[count]]);
        REQUIRE(bound.size() == count + 1);
    }
    std::shuffle(order.begin(), order.end(), random);
    for (std::size_t removed = 0; removed < order.size(); ++removed) {
        bound.remove(destinations[order[removed]]);
        matches.clear();
        bound.collect(matches);
        REQUIRE(matches.size() == order.size() - removed - 1);
        for (std::size_t i = 0; i <= removed; ++i) {
            REQUIRE(matches.add(destinations[order[i]])); // was not among them
        }
    }
    CHECK(bound.empty());
}
