#include "broker/routing/consistent_hash_router.hpp"
#include "tests/unit/routing/routing_test_support.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace broker;
using amqp::FieldTable;

namespace {

constexpr int keys = 20'000;

// Which destination has which keys.
std::map<std::string, std::string> placement(const ConsistentHashRouter& router) {
    Matches matches;
    std::map<std::string, std::string> result;
    for (int i = 0; i < keys; ++i) {
        const std::string key = "key." + std::to_string(i);
        const Names found = matching(router, {key}, matches);
        REQUIRE(found.size() == 1);
        result[key] = found.front();
    }
    return result;
}

std::map<std::string, int> shares(const ConsistentHashRouter& router) {
    std::map<std::string, int> result;
    for (const auto& [key, name] : placement(router)) {
        ++result[name];
    }
    return result;
}

std::string binding_refusal(std::string_view key) {
    const auto result = ConsistentHashRouter::validate(key, {});
    return result ? std::string() : result.error().text;
}

std::string arguments_refusal(const FieldTable& arguments) {
    const auto result = ConsistentHashRouter::validate_arguments(arguments);
    return result ? std::string() : result.error().text;
}

} // namespace

TEST_CASE("consistent hash router: shares are in proportion to the weights", "[routing][consistent-hash]") {
    TestDestination a("a"), b("b"), c("c");
    ConsistentHashRouter router({});
    for (TestDestination* queue : {&a, &b, &c}) {
        router.add(binding_of(*queue, "1"));
    }
    for (const auto& [name, share] : shares(router)) {
        INFO(name);
        CHECK(share == Approx(keys / 3.0).epsilon(0.05));
    }
    router.remove(binding_of(c, "1"));
    router.add(binding_of(c, "8"));
    auto weighted = shares(router);
    CHECK(weighted["a"] == Approx(keys * 0.1).epsilon(0.1));
    CHECK(weighted["b"] == Approx(keys * 0.1).epsilon(0.1));
    CHECK(weighted["c"] == Approx(keys * 0.8).epsilon(0.05));
}

TEST_CASE("consistent hash router: a destination takes and leaves only its own share", "[routing][consistent-hash]") {
    TestDestination a("a"), b("b"), c("c"), d("d");
    ConsistentHashRouter router({});
    router.add(binding_of(a, "10"));
    router.add(binding_of(b, "20"));
    router.add(binding_of(c, "10"));
    const auto before = placement(router);
    router.add(binding_of(d, "20"));
    const auto with_d = placement(router);
    for (const auto& [key, name] : with_d) {
        if (name != "d") {
            REQUIRE(before.at(key) == name);
        }
    }
    router.remove(binding_of(d, "20"));
    CHECK(placement(router) == before);
}

TEST_CASE("consistent hash router: neither the order of bindings nor a restart changes a key's place",
          "[routing][consistent-hash]") {
    TestDestination a("a"), b("b"), c("c");
    ConsistentHashRouter router({});
    router.add(binding_of(a, "1"));
    router.add(binding_of(b, "2"));
    router.add(binding_of(c, "3"));
    TestDestination c2("c"), b2("b"), a2("a");
    ConsistentHashRouter restarted({});
    restarted.add(binding_of(c2, "3"));
    restarted.add(binding_of(b2, "2"));
    restarted.add(binding_of(a2, "1"));
    CHECK(placement(router) == placement(restarted));
    // Written down once: a change of the hash would move the messages of every user.
    CHECK(placement(router).at("key.0") == "b");
    CHECK(placement(router).at("key.1") == "c");
    CHECK(placement(router).at("key.2") == "c");
}

TEST_CASE("consistent hash router: of several weights of a destination the largest counts",
          "[routing][consistent-hash]") {
    TestDestination a("a"), b("b");
    ConsistentHashRouter router({});
    router.add(binding_of(a, "1"));
    router.add(binding_of(b, "3"));
    const auto before = placement(router);
    router.add(binding_of(a, "9"));
    router.add(binding_of(a, "1", {{"another", 1}}));
    CHECK(shares(router)["a"] == Approx(keys * 0.75).epsilon(0.05));
    router.remove(binding_of(a, "9"));
    router.remove(binding_of(a, "1"));
    CHECK(placement(router) == before);
    router.remove(binding_of(a, "1", {{"another", 1}}));
    CHECK(shares(router) == std::map<std::string, int>{{"b", keys}});
    router.remove(binding_of(b, "3"));
    CHECK(router.empty());
}

TEST_CASE("consistent hash router: by a header or a property instead of the key", "[routing][consistent-hash]") {
    TestDestination a("a"), b("b"), c("c"), d("d");
    Matches matches;
    const auto bound = [&](const FieldTable& arguments) {
        ConsistentHashRouter router(arguments);
        for (TestDestination* queue : {&a, &b, &c, &d}) {
            router.add(binding_of(*queue, "1"));
        }
        return router;
    };
    // The places of many values; what `input` holds beside them must not matter.
    const auto distinct = [&](const ConsistentHashRouter& router, auto input) {
        std::map<std::string, int> places;
        for (int i = 0; i < 100; ++i) {
            ++places[input(i, [&](const RoutingInput& in) { return matching(router, in, matches).front(); })];
        }
        return places.size();
    };
    const auto by_key = [](int i, auto route) {
        const std::string key = std::to_string(i);
        return route(RoutingInput{key});
    };
    const auto by_header = [](int i, auto route) {
        const FieldTable headers{{"h", std::to_string(i)}};
        return route(RoutingInput{"k", &headers});
    };
    const auto by_property = [](auto set) {
        return [set](int i, auto route) {
            const std::string text = std::to_string(i);
            amqp::PropertiesView properties;
            set(properties, text, i);
            return route(RoutingInput{"k", nullptr, &properties});
        };
    };
    const auto by_message_id = by_property([](auto& p, std::string_view text, int) { p.message_id = text; });
    const auto by_correlation_id = by_property([](auto& p, std::string_view text, int) { p.correlation_id = text; });
    const auto by_timestamp =
        by_property([](auto& p, std::string_view, int i) { p.timestamp = static_cast<std::uint64_t>(i); });

    CHECK(distinct(bound({}), by_key) == 4);
    CHECK(distinct(bound({}), by_header) == 1);
    const auto header = bound({{"hash-header", "h"}});
    CHECK(distinct(header, by_header) == 4);
    CHECK(distinct(header, by_key) == 1); // the header is absent: always the same place
    CHECK(distinct(bound({{"hash-property", "message_id"}}), by_message_id) == 4);
    CHECK(distinct(bound({{"hash-property", "message_id"}}), by_correlation_id) == 1);
    CHECK(distinct(bound({{"hash-property", "correlation_id"}}), by_correlation_id) == 4);
    CHECK(distinct(bound({{"hash-property", "timestamp"}}), by_timestamp) == 4);
    CHECK(distinct(bound({{"hash-property", "timestamp"}}), by_key) == 1);
}

TEST_CASE("consistent hash router: a binding key is a weight from 1 to 10,000", "[routing][consistent-hash]") {
    struct Row {
        std::string_view key, refusal;
    };
    const Row rows[] = {
        {"1", ""},
        {"10000", ""},
        {"+7", ""},
        {"0", "The binding key must be greater than 0"},
        {"-5", "The binding key must be greater than 0"},
        {"-99999999999999999999", "The binding key must be greater than 0"},
        {"10001", "The binding key must not exceed 10000"},
        {"99999999999999999999", "The binding key must not exceed 10000"},
        {"k", "The binding key must be an integer: <<\"k\">>"},
        {"1.5", "The binding key must be an integer: <<\"1.5\">>"},
        {"1 ", "The binding key must be an integer: <<\"1 \">>"},
        {"", "The binding key must be an integer: <<>>"},
        {"+", "The binding key must be an integer: <<\"+\">>"},
        {"+-1", "The binding key must be an integer: <<\"+-1\">>"},
    };
    for (const Row& row : rows) {
        INFO(row.key);
        CHECK(binding_refusal(row.key) == row.refusal);
    }
}

TEST_CASE("consistent hash router: arguments that cannot be are refused", "[routing][consistent-hash]") {
    CHECK(arguments_refusal({}).empty());
    CHECK(arguments_refusal({{"hash-header", "h"}}).empty());
    CHECK(arguments_refusal({{"hash-property", "timestamp"}}).empty());
    CHECK(arguments_refusal({{"hash-property", "app_id"}}) == "Unsupported property: app_id");
    CHECK(arguments_refusal({{"hash-property", 5}}) == "Unsupported property: 5");
    CHECK(arguments_refusal({{"hash-header", 5}}) == "Unsupported header: 5");
    CHECK(arguments_refusal({{"hash-header", "h"}, {"hash-property", "timestamp"}}) ==
          "hash-header and hash-property are mutually exclusive");
}
