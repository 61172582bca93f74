// x-message-deduplication: arguments and headers of the well-known plugin.
#include "broker/core/deduplication_cache.hpp"
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

struct Deduplication {
    explicit Deduplication(amqp::FieldTable arguments, bool durable = false,
                           std::shared_ptr<storage::MemoryDisk> disk = std::make_shared<storage::MemoryDisk>())
        : world(World::Completions::immediate, std::move(disk)) {
        port.open();
        port.ask(
            declare_exchange("d", "x-message-deduplication", {.durable = durable, .arguments = std::move(arguments)}),
            declare_queue("q"), bind_queue("q", "d", "ignored"));
    }
    // Whether it arrived.
    bool publish_once(amqp::FieldValue id, amqp::FieldTable headers = {}) {
        const std::uint64_t before = world.ready("q");
        headers.set("x-deduplication-header", std::move(id));
        port.ask(publish("d", "any", "m", {.headers = std::move(headers)}));
        return world.ready("q") > before;
    }
    World world;
    RecordingPort port{world.host};
};

} // namespace

TEST_CASE("deduplication exchange: a value passes once, messages without one always", "[core][deduplication]") {
    Deduplication test({{"x-cache-size", 10}});
    CHECK(test.publish_once("a"));
    CHECK_FALSE(test.publish_once("a"));
    CHECK(test.publish_once("b"));
    CHECK(test.publish_once(1));
    CHECK_FALSE(test.publish_once(std::int64_t{1}));
    CHECK(test.publish_once("1"));
    test.port.ask(publish("d", "", "m"), publish("d", "", "m"));
    CHECK(test.world.ready("q") == 6);
    CHECK(test.port.ask(publish("d", "", "again",
                                {.confirm = 1, .mandatory = true, .headers = {{"x-deduplication-header", "a"}}})) ==
          Lines{"returned 'again'", "confirmed 1"});
}

TEST_CASE("deduplication exchange: a duplicate is confirmed, and not before the message that passed",
          "[core][deduplication]") {
    Deduplication test({{"x-cache-size", 10}});
    test.port.ask(declare_queue("kept", {.durable = true}), bind_queue("kept", "d", ""));
    test.world.store.set_completions(World::Completions::manual);
    const auto once = [](std::uint64_t number, bool persistent) {
        return publish(
            "d", "", "m",
            {.confirm = number, .persistent = persistent, .headers = {{"x-deduplication-header", persistent}}});
    };
    CHECK(test.port.ask(once(1, true), once(2, true)).empty());
    CHECK(test.port.ask(once(3, false), once(4, false)) == Lines{"confirmed 3-4"});
    test.world.store.run_completions();
    CHECK(test.port.take() == Lines{"confirmed 1-2"});
}

TEST_CASE("deduplication exchange: a full cache forgets the oldest", "[core][deduplication]") {
    Deduplication test({{"x-cache-size", "2"}});
    CHECK(test.publish_once("a"));
    CHECK(test.publish_once("b"));
    CHECK(test.publish_once("c"));
    CHECK_FALSE(test.publish_once("b"));
    CHECK_FALSE(test.publish_once("c"));
    CHECK(test.publish_once("a"));
}

TEST_CASE("deduplication exchange: time to live, of the exchange or of the message", "[core][deduplication]") {
    Deduplication test({{"x-cache-size", 10}, {"x-cache-ttl", 1'000}});
    CHECK(test.publish_once("a"));
    CHECK(test.publish_once("long", {{"x-cache-ttl", 5'000}}));
    test.world.clock.advance(999);
    CHECK_FALSE(test.publish_once("a"));
    test.world.clock.advance(1);
    CHECK(test.publish_once("a"));
    CHECK_FALSE(test.publish_once("long"));
    test.world.clock.advance(4'000);
    CHECK(test.publish_once("long"));
}

TEST_CASE("deduplication exchange: on disk it survives a restart, in memory it does not", "[core][deduplication]") {
    for (const std::string persistence : {"disk", "memory"}) {
        INFO(persistence);
        auto disk = std::make_shared<storage::MemoryDisk>();
        const amqp::FieldTable arguments{{"x-cache-size", 2}, {"x-cache-persistence", persistence}};
        {
            Deduplication test(arguments, true, disk);
            for (const char* id : {"a", "b", "c"}) {
                CHECK(test.publish_once(id));
            }
        }
        Deduplication test(arguments, true, disk);
        const bool lost = persistence == "memory";
        CHECK(test.publish_once("b") == lost);
        CHECK(test.publish_once("c") == lost);
        CHECK(test.publish_once("a"));
        CHECK_FALSE(test.publish_once("a"));
    }
}

TEST_CASE("deduplication cache: never more entries than declared, whatever comes again", "[core][deduplication]") {
    DeduplicationCache cache({{"x-cache-size", 3}, {"x-cache-ttl", 10}});
    for (int i = 0; i < 1'000; ++i) {
        const auto key = DeduplicationCache::key_of(i % 7);
        if (!cache.contains(key, i)) {
            cache.add(key, i, nullptr);
        }
        while (cache.forget_one(i)) {
        }
        REQUIRE(cache.size() <= 3);
    }
}

TEST_CASE("deduplication cache: a huge declared size costs nothing before it is used", "[core][deduplication]") {
    DeduplicationCache cache({{"x-cache-size", std::int64_t{9'000'000'000'000'000'000}}});
    CHECK(cache.size() == 0);
}
