#include "broker/routing/router.hpp"
#include "tests/unit/routing/routing_test_support.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

constexpr std::string_view types[] = {"direct",         "fanout",         "topic",    "headers", "x-consistent-hash",
                                      "x-modulus-hash", "x-random", "x-local-random"};

} // namespace

TEST_CASE("any router: every kind of routing can be made and no other", "[routing]") {
    for (const std::string_view type : types) {
        INFO(type);
        CHECK(make_router(type, {}, 0).has_value());
    }
    for (const std::string_view type : {"", "Direct", "x-delayed-message"}) {
        INFO(type);
        CHECK_FALSE(make_router(type, {}, 0).has_value());
    }
}

TEST_CASE("any router: bindings come, match and go through the variant", "[routing]") {
    const amqp::FieldTable headers{{"k", 1}};
    for (const std::string_view type : types) {
        INFO(type);
        std::optional<AnyRouter> router = make_router(type, {}, 0);
        REQUIRE(router);
        Matches matches;
        TestDestination a;
        const std::string_view key = type == "x-local-random" ? "" : "10";
        const Binding binding = binding_of(a, key, {{"k", 1}});
        CHECK(validate_binding(*router, binding.routing_key, binding.arguments).has_value());
        CHECK(empty(*router));
        match(*router, {key, &headers}, matches);
        CHECK(matches.empty());
        add(*router, binding);
        CHECK_FALSE(empty(*router));
        match(*router, {key, &headers}, matches);
        CHECK(matches.size() == 1);
        remove(*router, binding);
        CHECK(empty(*router));
    }
}

TEST_CASE("any router: only the headers exchange checks the arguments of bindings", "[routing]") {
    for (const std::string_view type : types) {
        INFO(type);
        const std::optional<AnyRouter> router = make_router(type, {}, 0);
        REQUIRE(router);
        const std::string_view key = type == "x-consistent-hash" ? "1" : "";
        CHECK(validate_binding(*router, key, {{"x-match", "foo"}}).has_value() == (type != "headers"));
    }
}

TEST_CASE("any router: what an answer depends on", "[routing]") {
    const auto answer = [](std::string_view type, const amqp::FieldTable& arguments = {}) {
        return routed_by(*make_router(type, arguments, 0));
    };
    CHECK(answer("direct") == RoutedBy::each_key);
    CHECK(answer("topic") == RoutedBy::each_key);
    CHECK(answer("fanout") == RoutedBy::keys);
    CHECK(answer("headers") == RoutedBy::content);
    CHECK(answer("x-consistent-hash") == RoutedBy::keys);
    CHECK(answer("x-consistent-hash", {{"hash-header", "h"}}) == RoutedBy::content);
    CHECK(answer("x-consistent-hash", {{"hash-property", "message_id"}}) == RoutedBy::content);
    CHECK(answer("x-modulus-hash") == RoutedBy::keys);
    CHECK(answer("x-random") == RoutedBy::chance);
    CHECK(answer("x-local-random") == RoutedBy::chance);
}
