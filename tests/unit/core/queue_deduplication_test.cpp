// Queues with x-message-deduplication: a message whose x-deduplication-header another one in the queue has is dropped.
#include "broker/core/queue_deduplication.hpp"
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

struct Deduplicating {
    explicit Deduplicating(amqp::FieldTable more = {}) {
        amqp::FieldTable arguments{{"x-message-deduplication", true}};
        for (const auto& [name, value] : more) {
            arguments.append(name, value);
        }
        port.open();
        port.ask(declare_queue("q", {.durable = true, .arguments = arguments}));
    }
    static Command message(std::string_view body, amqp::FieldValue value, bool persistent = false) {
        return put("q", body, {.persistent = persistent, .headers = {{"x-deduplication-header", std::move(value)}}});
    }
    World world;
    RecordingPort port{world.host, "client"};
};

} // namespace

TEST_CASE("queue deduplication: a second message with the value of one that is ready is dropped",
          "[core][deduplication]") {
    Deduplicating test;
    test.port.ask(test.message("1", "a"), test.message("2", "a"), test.message("3", "b"), put("q", "4"), put("q", "5"));
    CHECK(test.world.ready("q") == 4);
    test.port.ask(consume("q", "c"));
    CHECK(test.port.unacked() == Lines{"1", "3", "4", "5"});
}

TEST_CASE("queue deduplication: an unacknowledged message counts, an acknowledged one does not",
          "[core][deduplication]") {
    Deduplicating test;
    test.port.ask(consume("q", "c"));
    test.port.ask(test.message("1", 7), test.message("2", 7));
    CHECK(test.port.unacked() == Lines{"1"});
    test.port.requeue("1");
    test.port.ask(test.message("3", 7));
    CHECK(test.port.unacked() == Lines{"1"});
    test.port.ack("1");
    test.port.ask(test.message("4", 7));
    CHECK(test.port.unacked() == Lines{"4"});
    test.port.reject("4");
    test.port.ask(test.message("5", 7));
    CHECK(test.port.unacked() == Lines{"5"});
}

TEST_CASE("queue deduplication: what has left the queue by itself does not count", "[core][deduplication]") {
    SECTION("expired") {
        Deduplicating test({{"x-message-ttl", 100}});
        test.port.ask(test.message("1", "a"));
        test.world.pass(100);
        test.port.ask(test.message("2", "a"));
        CHECK(test.world.ready("q") == 1);
    }
    SECTION("too many") {
        Deduplicating test({{"x-max-length", 1}});
        test.port.ask(test.message("1", "a"), test.message("2", "b"), test.message("3", "a"));
        test.port.ask(consume("q", "c"));
        CHECK(test.port.unacked() == Lines{"3"});
    }
    SECTION("purged") {
        Deduplicating test;
        test.port.ask(test.message("1", "a"), Request(PurgeQueue{"q"}), test.message("2", "a"));
        CHECK(test.world.ready("q") == 1);
    }
    SECTION("taken without acknowledgement") {
        Deduplicating test;
        test.port.ask(test.message("1", "a"), get("q", {.no_ack = true}), test.message("2", "a"));
        CHECK(test.world.ready("q") == 1);
    }
}

TEST_CASE("queue deduplication: a purge leaves what is unacknowledged known", "[core][deduplication]") {
    Deduplicating test;
    test.port.ask(test.message("1", "a"), get("q"), test.message("2", "b"));
    test.port.ask(Request(PurgeQueue{"q"}));
    test.port.ask(test.message("3", "a"), test.message("4", "b"));
    CHECK(test.world.ready("q") == 1);
}

TEST_CASE("queue deduplication: a duplicate is confirmed, and not before the message that is here",
          "[core][deduplication]") {
    Deduplicating test;
    const auto numbered = [](std::string_view body, std::uint64_t number) {
        return put("q", body, {.confirm = number, .persistent = true, .headers = {{"x-deduplication-header", 1}}});
    };
    CHECK(test.port.ask(numbered("1", 1), numbered("2", 2)) == Lines{"confirmed 1-2"});
    CHECK(test.world.ready("q") == 1);
}

TEST_CASE("queue deduplication: a message is known again after a restart", "[core][deduplication]") {
    const auto disk = std::make_shared<storage::MemoryDisk>();
    {
        World world(World::Completions::immediate, disk);
        RecordingPort port(world.host, "client");
        port.open();
        port.ask(declare_queue("q", {.durable = true, .arguments = {{"x-message-deduplication", true}}}));
        port.ask(Deduplicating::message("1", "a", true));
    }
    World world(World::Completions::immediate, disk);
    RecordingPort port(world.host, "client");
    port.open();
    port.ask(Deduplicating::message("2", "a", true), Deduplicating::message("3", "b", true));
    CHECK(world.ready("q") == 2);
}

TEST_CASE("queue deduplication: the argument is a boolean", "[core][deduplication][C6]") {
    World world;
    RecordingPort port(world.host, "client");
    port.open();
    port.ask(declare_queue("off", {.arguments = {{"x-message-deduplication", false}}}));
    port.ask(put("off", "m", {.headers = {{"x-deduplication-header", 1}}}),
             put("off", "m", {.headers = {{"x-deduplication-header", 1}}}));
    CHECK(world.ready("off") == 2);
    const Lines refused = port.ask(declare_queue("q", {.arguments = {{"x-message-deduplication", "yes"}}}));
    REQUIRE(refused.size() == 1);
    CHECK(refused.front().find("406") != std::string::npos);
}

TEST_CASE("queue deduplication: forgetting a range forgets all of it and nothing else", "[core][deduplication]") {
    QueueDeduplication known;
    for (std::uint64_t i = 1; i <= 5; ++i) {
        known.add({i, i}, 10 * i);
    }
    known.forget(20, 21); // 20 to 40
    CHECK(known.size() == 2);
    CHECK(known.contains({1, 1}));
    CHECK_FALSE(known.contains({2, 2}));
    CHECK_FALSE(known.contains({4, 4}));
    CHECK(known.contains({5, 5}));
    known.forget(0, UINT64_MAX);
    CHECK(known.size() == 0);
}
