// How long a consumer may hold a delivery: its own word, its queue's, a policy's. The session keeps the time.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

std::int64_t timeout_of(const ConsumerPtr& consumer) {
    return consumer->timeout_ms.load();
}

ConsumerPtr with_timeout(std::optional<std::int64_t> timeout_ms) {
    Consumer::Options options;
    options.channel = 1;
    options.queue = "q";
    options.tag = "c";
    options.timeout_ms = timeout_ms;
    return ConsumerPtr(new Consumer(std::move(options)));
}

QueueFlags queue_timeout(std::int64_t timeout_ms) {
    return {.arguments = {{"x-consumer-timeout", timeout_ms}}};
}

struct Fixture {
    explicit Fixture(QueueFlags flags) {
        port.open();
        port.ask(declare_queue("q", std::move(flags)));
    }
    void set_policy(std::int64_t timeout_ms) {
        Policy policy;
        policy.name = "p";
        policy.pattern = ".*";
        policy.definition = {{"consumer-timeout", timeout_ms}};
        world.host.find_queue("q")->apply({std::make_shared<const Policy>(policy), nullptr});
    }
    World world;
    RecordingPort port{world.host};
};

} // namespace

TEST_CASE("consumer timeout: the consumer's, else the queue's, else the node's", "[core][timeout][C33]") {
    struct Case {
        std::string name;
        std::optional<std::int64_t> consumer;
        QueueFlags queue;
        std::int64_t expected;
    };
    const std::vector<Case> cases{
        {"nobody's", std::nullopt, {}, Consumer::nodes_timeout},
        {"the queue's", std::nullopt, queue_timeout(7'000), 7'000},
        {"the consumer's", 9'000, queue_timeout(7'000), 9'000},
        {"the consumer waits for ever", 0, queue_timeout(7'000), 0},
    };
    for (const Case& each : cases) {
        CAPTURE(each.name);
        Fixture test(each.queue);
        const ConsumerPtr consumer = with_timeout(each.consumer);
        test.port.ask(consume(consumer));
        CHECK(timeout_of(consumer) == each.expected);
    }
}

TEST_CASE("consumer timeout: a policy counts for consumers that are there, the lower of two", "[core][timeout][C33]") {
    struct Case {
        std::int64_t queue, policy, expected;
    };
    for (const Case& each : {Case{7'000, 3'000, 3'000}, Case{7'000, 8'000, 7'000}, Case{7'000, 0, 7'000},
                             Case{0, 8'000, 8'000}, Case{0, 0, 0}}) {
        Fixture test(queue_timeout(each.queue));
        const ConsumerPtr consumer = with_timeout(std::nullopt), own = with_timeout(1);
        test.port.ask(consume(consumer), consume(own));
        test.set_policy(each.policy);
        CHECK(timeout_of(consumer) == each.expected);
        CHECK(timeout_of(own) == 1);
    }
}

TEST_CASE("consumer timeout: holds for basic.get", "[core][timeout][C33]") {
    Fixture test(queue_timeout(7'000));
    test.port.ask(put("q", "1"));
    const ConsumerPtr getting = make_consumer("q", "");
    test.port.ask(on_channel(1, Get{getting}));
    CHECK(timeout_of(getting) == 7'000);
}
