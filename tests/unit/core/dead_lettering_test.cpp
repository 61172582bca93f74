// Messages that die move to the queues behind the dead letter exchange: both steps in one commit, in bounded slices.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

struct Test {
    World world;
    RecordingPort port{world.host};

    Test() { port.open(); }
    void declare(std::string name, amqp::FieldTable arguments, bool durable = false) {
        port.ask(declare_queue(std::move(name), {.durable = durable, .arguments = std::move(arguments)}));
    }
};

amqp::FieldTable to_queue(std::string_view queue, amqp::FieldTable more = {}) {
    more.set("x-dead-letter-exchange", "");
    more.set("x-dead-letter-routing-key", queue);
    return more;
}

} // namespace

TEST_CASE("dead-lettering: what a consumer rejects goes to the dead letter exchange", "[core][dlx][3.5]") {
    Test test;
    test.declare("dead", {});
    test.declare("q", to_queue("dead"));
    test.port.ask(put("q", "1"), put("q", "2"), get("q"), get("q"));
    test.port.reject("1");
    CHECK(test.world.ready("dead") == 1);
    test.port.requeue("2");
    CHECK(test.world.ready("dead") == 1);
    CHECK(test.port.ask(get("dead")) == Lines{"get-ok '1' left 0"});
}

TEST_CASE("dead-lettering: without the exchange the message is dropped", "[core][dlx][3.5]") {
    Test test;
    test.declare("q", {{"x-dead-letter-exchange", "none"}}, true);
    test.port.ask(put("q", "1", {.persistent = true}), get("q"));
    test.port.reject("1");
    CHECK(test.world.stored("q").empty());
    CHECK(test.world.ready("q") == 0);
}

TEST_CASE("dead-lettering: removal and arrival are in one commit", "[core][dlx][durability]") {
    Test test;
    test.declare("dead", {}, true);
    test.declare("q", to_queue("dead"), true);
    test.port.ask(put("q", "1", {.persistent = true}), get("q"));
    CHECK(test.world.stored("q") == Lines{"1"});
    test.world.store.fail_next(storage::Outcome::unavailable, storage::MemoryStore::Applied::no);
    test.port.reject("1");
    CHECK(test.world.stored("q") == Lines{"1"}); // lost neither here nor there
    CHECK(test.world.stored("dead").empty());
}

// Its publisher may still wait for a confirm: the message is not done with, but in the dead letter queue only.
TEST_CASE("dead-lettering: what is removed is known to have moved", "[core][dlx][durability]") {
    Test test;
    test.declare("dead", {}, true);
    test.declare("q", to_queue("dead"), true);
    test.port.ask(put("q", "1", {.persistent = true}), get("q"));
    std::vector<storage::Batch::Settle> settles;
    test.world.store.on_commit = [&](const storage::Batch& batch) {
        settles.insert(settles.end(), batch.settles.begin(), batch.settles.end());
    };
    SECTION("when it is rejected") {
        test.port.reject("1");
        REQUIRE(settles.size() == 1);
        CHECK(settles[0].moved);
    }
    SECTION("not when it is acknowledged") {
        test.port.ack("1");
        REQUIRE(settles.size() == 1);
        CHECK_FALSE(settles[0].moved);
    }
}

TEST_CASE("dead-lettering: the broker's own history survives a restart", "[core][dlx][durability]") {
    const auto disk = std::make_shared<storage::MemoryDisk>();
    {
        World world(World::Completions::immediate, disk);
        RecordingPort port(world.host);
        port.open();
        port.ask(declare_queue("a", {.durable = true, .arguments = to_queue("b")}),
                 declare_queue("b", {.durable = true, .arguments = to_queue("a")}), put("a", "1", {.persistent = true}),
                 get("a"));
        port.reject("1");
        world.store.close();
    }
    World world(World::Completions::immediate, disk);
    RecordingPort port(world.host);
    port.open();
    port.ask(get("b"));
    CHECK(port.ledger().at(0).unacked.message->deaths() == 1);
}

TEST_CASE("dead-lettering: a deleted queue's messages do not come back", "[core][dlx][3.3]") {
    Test test;
    test.declare("dead", {});
    test.declare("q", to_queue("dead"));
    test.port.ask(put("q", "1"), put("q", "2"), get("q"), DeleteQueue{.name = "q"});
    test.port.reject("1");
    CHECK(test.world.ready("dead") == 0);
}

TEST_CASE("dead-lettering: a cycle without a rejection ends", "[core][dlx][3.5]") {
    Test test;
    test.declare("a", to_queue("b", {{"x-message-ttl", 0}}));
    test.declare("b", to_queue("a", {{"x-message-ttl", 0}}));
    test.port.ask(put("a", "1"));
    CHECK(test.world.ready("a") == 0);
    CHECK(test.world.ready("b") == 0);
}

TEST_CASE("dead-lettering: a chain of 10,000 queues neither recurses nor forgets", "[core][dlx]") {
    Test test;
    constexpr int length = 10'000;
    for (int i = 0; i < length; ++i) {
        test.declare("q" + std::to_string(i), to_queue("q" + std::to_string(i + 1), {{"x-message-ttl", 0}}));
    }
    test.declare("q" + std::to_string(length), {});
    test.port.ask(put("q0", "1"));
    CHECK(test.world.ready("q" + std::to_string(length)) == 1);
}

TEST_CASE("dead-lettering: others have their turn more often while long histories are written", "[core][dlx]") {
    World world(World::Completions::manual);
    RecordingPort port(world.host);
    port.open();
    constexpr int length = 200;
    for (int i = 0; i < length; ++i) {
        port.send(declare_queue(
            "q" + std::to_string(i),
            {.durable = true, .arguments = to_queue("q" + std::to_string(i + 1), {{"x-message-ttl", 0}})}));
    }
    port.send(declare_queue("q" + std::to_string(length), {.durable = true}));
    world.store.run_completions();
    port.send(put("q0", "1", {.persistent = true}));
    CHECK(world.ready("q" + std::to_string(length)) == 1);
    CHECK(world.store.run_completions() > 30); // one for each time that the strand was left
}

TEST_CASE("dead-lettering: too many deliveries from a quorum queue", "[core][dlx][quorum][3.2]") {
    Test test;
    test.declare("dead", {});
    test.declare("q", to_queue("dead", {{"x-queue-type", "quorum"}, {"x-delivery-limit", 2}}), true);
    test.port.ask(put("q", "1"));
    for (int i = 0; i < 2; ++i) {
        test.port.ask(get("q"));
        test.port.requeue("1");
        CHECK(test.world.ready("q") == 1);
    }
    CHECK(test.world.stored("q") == Lines{"1"}); // whatever its delivery mode
    test.port.ask(get("q"));
    test.port.requeue("1");
    CHECK(test.world.ready("q") == 0);
    CHECK(test.world.stored("q").empty());
    CHECK(test.world.ready("dead") == 1);
}

TEST_CASE("quorum queue: what it refuses", "[core][quorum][3.2]") {
    Test test;
    test.declare("q", {{"x-queue-type", "quorum"}}, true);
    SECTION("to be deleted if unused") {
        CHECK(test.port.ask(DeleteQueue{.name = "q", .if_unused = true}) ==
              Lines{"connection failed 540 NOT_IMPLEMENTED - cannot delete queue 'q' in vhost '/'. queue.delete "
                    "operations with if-unused flag set are not supported by quorum queues"});
    }
    SECTION("the channel's own prefetch") {
        test.port.ask(SetGlobalPrefetch{1});
        CHECK(test.port.ask(consume("q", "c")) ==
              Lines{"connection failed 540 NOT_IMPLEMENTED - queue 'q' in vhost '/' does not support global qos"});
    }
}
