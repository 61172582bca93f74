#include "broker/core/exchange.hpp"
#include "broker/routing/matches.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

class Target final : public Destination {
 public:
    Target() : Destination(Kind::queue, "") {}
};

Exchange make_exchange(std::string name, amqp::FieldTable arguments = {}) {
    return {{std::move(name), "/", "direct", false, false, false, std::move(arguments)}, *make_router("direct", {}, 0)};
}

std::size_t matching(const Exchange& exchange, std::string_view key, Matches& matches) {
    matches.clear();
    match(exchange.router(), {key, nullptr}, matches);
    return matches.size();
}

} // namespace

TEST_CASE("exchange: a binding is there once", "[core][C10]") {
    Exchange exchange = make_exchange("x");
    Target a, b;
    BoundBinding* bound = exchange.bind({&a, "k", {}}, true);
    REQUIRE(bound != nullptr);
    CHECK(bound->source == &exchange);
    CHECK(bound->durable);
    CHECK(exchange.bind({&a, "k", {}}, true) == nullptr);
    CHECK(exchange.bind({&b, "k", {}}, false) != nullptr);
    CHECK(exchange.bind({&a, "k2", {}}, false) != nullptr);
    CHECK(exchange.bind({&a, "k", {{"x", 1}}}, false) != nullptr);
    CHECK(exchange.bind({&a, "k", {{"x", 1}}}, false) == nullptr);
    CHECK(exchange.bindings().size() == 4);
    Matches matches;
    CHECK(matching(exchange, "k", matches) == 2);
}

TEST_CASE("exchange: unbinding takes out exactly one", "[core][C10]") {
    Exchange exchange = make_exchange("x");
    Target a;
    exchange.bind({&a, "k", {}}, false);
    BoundBinding* with_arguments = exchange.bind({&a, "k", {{"x", 1}}}, false);
    CHECK(exchange.unbind(Binding{&a, "other", {}}) == nullptr);
    CHECK(exchange.unbind(Binding{&a, "k", {{"x", 2}}}) == nullptr);
    const auto taken = exchange.unbind(Binding{&a, "k", {}});
    REQUIRE(taken != nullptr);
    CHECK(taken->binding.arguments.empty());
    Matches matches;
    CHECK(matching(exchange, "k", matches) == 1); // through the other one
    CHECK(exchange.unbind(*with_arguments) != nullptr);
    CHECK(exchange.bindings().empty());
    CHECK(matching(exchange, "k", matches) == 0);
}

TEST_CASE("exchange: knows the default and its alternate", "[core][default-exchange]") {
    CHECK(make_exchange("").is_default());
    CHECK_FALSE(make_exchange("x").is_default());
    CHECK(make_exchange("x").alternate() == nullptr);
    const Exchange exchange = make_exchange("x", {{"alternate-exchange", "ae"}});
    REQUIRE(exchange.alternate() != nullptr);
    CHECK(*exchange.alternate() == "ae");
}
