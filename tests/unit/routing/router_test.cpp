#include "broker/routing/router.hpp"
#include "tests/unit/routing/routing_test_support.hpp"

#include <catch2/catch.hpp>

using namespace broker;

TEST_CASE("any router: every known type can be made and no other", "[routing]") {
    for (const std::string_view type : exchange_types) {
        INFO(type);
        CHECK(is_known_type(type));
        CHECK(make_router(type).has_value());
    }
    for (const std::string_view type : {"", "Direct", "x-delayed-message"}) {
        INFO(type);
        CHECK_FALSE(is_known_type(type));
        CHECK_FALSE(make_router(type).has_value());
    }
}

TEST_CASE("any router: bindings come, match and go through the variant", "[routing]") {
    const amqp::FieldTable headers{{"k", 1}};
    for (const std::string_view type : exchange_types) {
        INFO(type);
        std::optional<AnyRouter> router = make_router(type);
        REQUIRE(router);
        Matches matches;
        TestDestination a;
        const Binding binding = binding_of(a, "key", {{"k", 1}});
        CHECK(validate_binding(*router, binding.routing_key, binding.arguments).has_value());
        CHECK(empty(*router));
        add(*router, binding);
        CHECK_FALSE(empty(*router));
        match(*router, {"key", &headers}, matches);
        CHECK(matches.size() == 1);
        remove(*router, binding);
        CHECK(empty(*router));
    }
}

TEST_CASE("any router: only the headers exchange needs headers and checks arguments", "[routing]") {
    for (const std::string_view type : exchange_types) {
        INFO(type);
        const std::optional<AnyRouter> router = make_router(type);
        REQUIRE(router);
        CHECK(needs_headers(*router) == (type == "headers"));
        CHECK(validate_binding(*router, "", {{"x-match", "foo"}}).has_value() == (type != "headers"));
    }
}
