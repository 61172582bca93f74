// Where a message would go: the same queues as publishing it, by which bindings, and without a trace.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

struct Explaining {
    Explaining() { port.open(); }
    RouteExplanation explain(const std::string& exchange, const std::string& key, const MessageOptions& options = {}) {
        std::optional<RouteExplanation> result;
        world.host.run([&](VirtualHost& host) {
            result = host.explain(exchange, *make_message(exchange, key, "", options), nullptr);
        });
        REQUIRE(result.has_value());
        return std::move(*result);
    }
    // "source -> destination by key"
    Lines steps(const std::string& exchange, const std::string& key, const MessageOptions& options = {}) {
        const RouteExplanation explanation = explain(exchange, key, options);
        Lines lines;
        for (const RouteStep& step : explanation.steps) {
            lines.push_back(explanation.exchanges[step.exchange].name + " -> " + step.destination +
                            (step.via == RouteStep::Via::alternate ? " otherwise" : " by " + step.routing_key));
        }
        std::ranges::sort(lines);
        return lines;
    }
    World world;
    RecordingPort port{world.host};
};

} // namespace

TEST_CASE("explain: bindings that match, those that do not, and ways through other exchanges", "[core][explain]") {
    Explaining test;
    test.port.ask(declare_queue("a"), declare_queue("b"), declare_queue("lost"), declare_exchange("rest", "fanout"),
                  declare_exchange("t", "topic", {.arguments = {{"alternate-exchange", "rest"}}}),
                  declare_exchange("f", "fanout"), bind_queue("lost", "rest"), bind_queue("a", "t", "x.*"),
                  bind_queue("a", "t", "#.y"), bind_queue("a", "t", "z"), bind_exchange("f", "t", "x.#"),
                  bind_queue("b", "f", "ignored"), bind_queue("a", "f"));
    CHECK(test.steps("t", "x.y") ==
          Lines{"f -> a by ", "f -> b by ignored", "t -> a by #.y", "t -> a by x.*", "t -> f by x.#"});
    CHECK(test.steps("t", "z") == Lines{"t -> a by z"});
    CHECK(test.steps("t", "q") == Lines{"rest -> lost by ", "t -> rest otherwise"});
    CHECK(test.steps("", "b") == Lines{" -> b by b"});
    CHECK(test.steps("", "nobody").empty());
    CHECK(test.world.ready("a") + test.world.ready("b") + test.world.ready("lost") == 0);
}

TEST_CASE("explain: by headers", "[core][explain]") {
    Explaining test;
    test.port.ask(declare_queue("a"), declare_queue("b"), declare_exchange("h", "headers"),
                  bind_queue("a", "h", "all", {{"x-match", "all"}, {"k", 1}, {"l", 2}}),
                  bind_queue("a", "h", "any", {{"x-match", "any"}, {"k", 1}, {"l", 2}}),
                  bind_queue("b", "h", "other", {{"k", 7}}));
    CHECK(test.steps("h", "", {.headers = {{"k", 1}}}) == Lines{"h -> a by any"});
    CHECK(test.steps("h", "", {.headers = {{"k", 1}, {"l", 2}}}) == Lines{"h -> a by all", "h -> a by any"});
    CHECK(test.steps("h", "").empty());
}

TEST_CASE("explain: a choice by chance is said to be one, and not made", "[core][explain]") {
    Explaining test;
    test.port.ask(declare_queue("a"), declare_queue("b"), declare_exchange("r", "x-random"), bind_queue("a", "r"),
                  bind_queue("b", "r"));
    const auto explanation = test.explain("r", "");
    CHECK(explanation.exchanges.front().by_chance);
    CHECK(test.steps("r", "") == Lines{"r -> a by ", "r -> b by "});
}

TEST_CASE("explain: what is delayed, and what is a duplicate, without keeping it", "[core][explain]") {
    Explaining test;
    test.port.ask(declare_queue("a"),
                  declare_exchange("d", "x-delayed-message", {.arguments = {{"x-delayed-type", "fanout"}}}),
                  declare_exchange("u", "x-message-deduplication", {.arguments = {{"x-cache-size", 10}}}),
                  bind_queue("a", "d"), bind_queue("a", "u"));
    CHECK(test.explain("d", "", {.headers = {{"x-delay", 500}}}).exchanges.front().notes ==
          std::vector<std::string>{"keeps it for 500 ms, and then routes it"});
    CHECK(test.steps("d", "", {.headers = {{"x-delay", 500}}}) == Lines{"d -> a by "});
    CHECK(test.world.host.find_exchange("d")->parts.delayed->messages.size() == 0);
    const MessageOptions marked{.headers = {{"x-deduplication-header", "1"}}};
    CHECK(test.steps("u", "", marked) == Lines{"u -> a by "});
    CHECK(test.steps("u", "", marked) == Lines{"u -> a by "});
    test.port.send(publish("u", "", "m", {.headers = marked.headers}));
    CHECK(test.steps("u", "", marked).empty());
    CHECK(test.explain("u", "", marked).exchanges.front().notes == std::vector<std::string>{"drops it as a duplicate"});
}
