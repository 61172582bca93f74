#include "broker/admin/properties_key.hpp"

#include "broker/admin/target.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

BindingSnapshot binding(std::string routing_key, amqp::FieldTable arguments = {}) {
    return {"x", "q", Destination::Kind::queue, std::move(routing_key), std::move(arguments)};
}

} // namespace

TEST_CASE("properties key: the routing key, escaped", "[admin][bindings]") {
    CHECK(properties_key("", {}) == "~");
    CHECK(properties_key("a.b", {}) == "a.b");
    CHECK(properties_key("a b/~", {}) == "a+b%2F%7E");
}

TEST_CASE("properties key: arguments add a hash that does not depend on their order", "[admin][bindings]") {
    const std::string key = properties_key("k", {{"a", 1}, {"b", "x"}});
    CHECK(key.starts_with("k~"));
    CHECK(key.size() == 2 + 22);
    CHECK(key == properties_key("k", {{"b", "x"}, {"a", 1}}));
    CHECK(key != properties_key("k", {{"a", 2}, {"b", "x"}}));
    CHECK(properties_key("", {{"a", 1}}).starts_with("~"));
    // Terraform keeps them: this must not change.
    CHECK(properties_key("", {{"x-match", "all"}}) == properties_key("", {{"x-match", "all"}}));
}

TEST_CASE("properties key: a key from a path finds its binding and no other", "[admin][bindings]") {
    const std::vector<BindingSnapshot> bindings{binding(""),
                                                binding("a"),
                                                binding("a b/~c"),
                                                binding("~"),
                                                binding("ü"),
                                                binding("", {{"k", 1}}),
                                                binding("a", {{"k", 1}}),
                                                binding("a", {{"k", 2}})};
    for (const BindingSnapshot& wanted : bindings) {
        const std::string key = properties_key(wanted.routing_key, wanted.arguments);
        const auto target = parse_target("/" + encode_segment(key));
        REQUIRE(target.has_value());
        INFO(key);
        const auto matches = std::count_if(bindings.begin(), bindings.end(), [&](const BindingSnapshot& candidate) {
            return properties_key(candidate.routing_key, candidate.arguments) == target->segments.front();
        });
        CHECK(matches == 1);
        CHECK(has_properties_key(wanted, target->segments.front()));
    }
}

TEST_CASE("properties key: an unescaped routing key will do", "[admin][bindings]") {
    CHECK(has_properties_key(binding("a b"), "a b"));
    CHECK_FALSE(has_properties_key(binding("a b", {{"k", 1}}), "a b"));
}
