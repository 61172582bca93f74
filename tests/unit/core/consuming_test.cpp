// VirtualHost and Queue: deliveries, acknowledgements, requeues, prefetch, basic.get, purge.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

// One queue "q", one connection with channel 1 open.
struct Fixture {
    explicit Fixture(QueueFlags flags = {}) {
        port.open();
        port.ask(declare_queue("q", std::move(flags)));
    }
    void put_all(std::initializer_list<const char*> bodies, const PublishOptions& options = {}) {
        for (const char* body : bodies) {
            port.send(put("q", body, options));
        }
    }
    World world;
    RecordingPort port{world.host};
};

} // namespace

TEST_CASE("consume: consume-ok comes before the first delivery, and messages keep their order", "[core][C15][C25]") {
    Fixture test;
    test.put_all({"1", "2"});
    CHECK(test.port.ask(consume("q", "c"), put("q", "3"), put("q", "4")) ==
          Lines{"consume-ok c", "deliver c '1'", "deliver c '2'", "deliver c '3'", "deliver c '4'"});
    CHECK(test.world.unacked("q") == 4);
    CHECK(test.world.ready("q") == 0);
}

TEST_CASE("consume: exclusive use is refused and granted", "[core][C15]") {
    Fixture test;
    const std::string refused = "2: failed 403 ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use";
    test.port.open(2);
    const ConsumerPtr first = make_consumer("q", "a");
    SECTION("exclusive after another") {
        test.port.ask(consume(first));
        CHECK(test.port.ask(consume("q", "b", {.channel = 2, .exclusive = true})) == Lines{refused});
    }
    SECTION("another after exclusive") {
        test.port.ask(consume("q", "a", {.exclusive = true}));
        CHECK(test.port.ask(consume("q", "b", {.channel = 2})) == Lines{refused});
    }
    SECTION("exclusive after all have gone") {
        const ConsumerPtr exclusive = make_consumer("q", "x", {.exclusive = true});
        test.port.ask(consume(first), Cancel{first}, consume(exclusive), Cancel{exclusive});
        CHECK(test.port.ask(consume("q", "b", {.channel = 2, .exclusive = true})) == Lines{"2: consume-ok b"});
    }
    SECTION("exclusive with a single active consumer") {
        test.port.ask(declare_queue("s", {.arguments = {{"x-single-active-consumer", true}}}));
        CHECK(test.port.ask(consume("s", "b", {.channel = 2, .exclusive = true})) ==
              Lines{"2: failed 403 ACCESS_REFUSED - queue 's' in vhost '/' in exclusive use"});
    }
}

TEST_CASE("consume: equals take turns, the highest priority goes first", "[core][C26]") {
    Fixture test;
    test.port.ask(consume("q", "a"), consume("q", "b"));
    test.put_all({"1", "2", "3"});
    CHECK(test.port.take() == Lines{"deliver a '1'", "deliver b '2'", "deliver a '3'"});
    test.port.ask(consume("q", "high", {.priority = 1, .prefetch = 2}));
    test.put_all({"4", "5", "6"});
    CHECK(test.port.take() == Lines{"deliver high '4'", "deliver high '5'", "deliver b '6'"});
    test.port.ack("5");
    test.put_all({"7"});
    CHECK(test.port.take() == Lines{"deliver high '7'"});
}

TEST_CASE("prefetch: each consumer holds at most its own", "[core][C18]") {
    Fixture test;
    test.put_all({"1", "2", "3", "4", "5"});
    CHECK(test.port.ask(consume("q", "a", {.prefetch = 2}), consume("q", "b", {.prefetch = 1})) ==
          Lines{"consume-ok a", "deliver a '1'", "deliver a '2'", "consume-ok b", "deliver b '3'"});
    test.port.ack("1");
    CHECK(test.port.take() == Lines{"deliver a '4'"});
    test.port.reject("3");
    CHECK(test.port.take() == Lines{"deliver b '5'"});
    CHECK(test.world.unacked("q") == 3);
}

TEST_CASE("prefetch: the channel's own is shared by its consumers and gets", "[core][C18]") {
    Fixture test;
    test.port.ask(declare_queue("r"));
    CHECK(test.port.ask(SetGlobalPrefetch{2}, consume("q", "a"), consume("r", "b")) ==
          Lines{"done 60.11", "consume-ok a", "consume-ok b"});
    test.put_all({"1", "2", "3"});
    test.port.send(put("r", "x"), put("r", "y"));
    CHECK(test.port.take() == Lines{"deliver a '1'", "deliver a '2'"});
    test.port.ack("1"); // room for whom comes first, of whatever queue
    CHECK(test.port.take().size() == 1);
    CHECK(test.world.unacked("q") + test.world.unacked("r") == 2);
    SECTION("its consumers all go on when there is more") {
        CHECK(test.port.ask(SetGlobalPrefetch{0}).size() == 3);
    }
    SECTION("room that one queue makes serves the other") {
        test.port.ack("2");
        test.port.take();
        for (int round = 0; round < 5 && !test.port.unacked().empty(); ++round) {
            test.port.ack(test.port.unacked().front());
        }
    }
    SECTION("a get counts") {
        test.port.send(get("q"));
        while (!test.port.unacked().empty()) {
            test.port.ack(test.port.unacked().back());
        }
    }
    CHECK(test.world.ready("q") == 0);
    CHECK(test.world.ready("r") == 0);
}

TEST_CASE("prefetch: acknowledging a get makes room for a consumer of the channel", "[core][C18]") {
    Fixture test;
    test.put_all({"1", "2"});
    test.port.ask(SetGlobalPrefetch{1});
    CHECK(test.port.ask(get("q"), consume("q", "a")) == Lines{"get-ok '1' left 1", "consume-ok a"});
    test.port.ack("1");
    CHECK(test.port.take() == Lines{"deliver a '2'"});
}

TEST_CASE("single active consumer: one gets all, the next takes over", "[core]") {
    Fixture test({.arguments = {{"x-single-active-consumer", true}}});
    const ConsumerPtr a = make_consumer("q", "a", {.prefetch = 1});
    test.port.ask(consume(a), consume("q", "b"));
    test.put_all({"1", "2", "3"});
    CHECK(test.port.take() == Lines{"deliver a '1'"});
    test.port.ack("1");
    CHECK(test.port.take() == Lines{"deliver a '2'"});
    CHECK(test.port.ask(Cancel{a}) == Lines{"deliver b '3'", "cancel-ok a"});
    test.port.requeue("2");
    CHECK(test.port.take() == Lines{"deliver b '2' redelivered count 1"});
}

TEST_CASE("single active consumer: basic.get is refused", "[core][C19]") {
    Fixture test({.arguments = {{"x-single-active-consumer", true}}});
    CHECK(
        test.port.ask(get("q")) ==
        Lines{
            "failed 405 RESOURCE_LOCKED - cannot obtain access to locked queue 'q' in vhost '/'. basic.get operations "
            "are not supported by classic queues with single active consumer"});
}

TEST_CASE("acknowledgement: without one nothing is kept", "[core]") {
    Fixture test;
    CHECK(test.port.ask(consume("q", "c", {.no_ack = true, .prefetch = 1}), put("q", "1"), put("q", "2")) ==
          Lines{"consume-ok c", "deliver c '1'", "deliver c '2'"});
    CHECK(test.world.unacked("q") == 0);
    CHECK(test.world.host.find_queue("q")->statistics().delivered_no_ack == 2);
}

TEST_CASE("requeue: a message returns to its place and says that it was delivered", "[core][C23][C24]") {
    Fixture test;
    const ConsumerPtr consumer = make_consumer("q", "c");
    test.put_all({"1", "2", "3", "4", "5"});
    test.port.ask(consume(consumer));
    test.port.ask(Cancel{consumer});
    test.put_all({"6"});
    test.port.requeue("4");
    test.port.requeue("2");
    test.port.requeue("3");
    CHECK(test.port.ask(get("q"), get("q"), get("q"), get("q"), get("q")) ==
          Lines{"get-ok '2' redelivered count 1 left 3", "get-ok '3' redelivered count 1 left 2",
                "get-ok '4' redelivered count 1 left 1", "get-ok '6' left 0", "get-empty"});
    test.port.requeue("3");
    CHECK(test.port.ask(get("q")) == Lines{"get-ok '3' redelivered count 2 left 0"});
}

TEST_CASE("requeue: in a queue with priorities a message returns to its place in its priority", "[core][C23]") {
    Fixture test({.arguments = {{"x-max-priority", 5}}});
    test.put_all({"low1", "low2"}, {.priority = 1});
    test.put_all({"high1", "high2"}, {.priority = 9});
    test.port.ask(get("q"), get("q"), get("q"));
    CHECK(test.port.unacked() == Lines{"high1", "high2", "low1"});
    test.port.requeue("low1");
    test.port.requeue("high2");
    test.port.requeue("high1");
    test.port.ask(get("q"), get("q"), get("q"), get("q"));
    CHECK(test.port.unacked() == Lines{"high1", "high2", "low1", "low2"});
}

TEST_CASE("requeue: what a closing channel holds comes back redelivered", "[core][C23][C24]") {
    Fixture test;
    RecordingPort other(test.world.host);
    other.open();
    test.put_all({"1", "2"});
    test.port.ask(consume("q", "a"));
    CHECK(test.port.unacked() == Lines{"1", "2"});
    SECTION("channel") {
        test.port.close_channel();
        CHECK(test.port.take() == Lines{"channel-stopped", "channel-closed"});
    }
    SECTION("connection") {
        test.port.close();
        CHECK(test.port.take() == Lines{"connection-stopped", "connection-closed"});
    }
    CHECK(other.ask(consume("q", "b")) ==
          Lines{"consume-ok b", "deliver b '1' redelivered count 1", "deliver b '2' redelivered count 1"});
}

TEST_CASE("basic.cancel: what is unacknowledged stays so, and can be settled later", "[core][C16]") {
    Fixture test;
    const ConsumerPtr consumer = make_consumer("q", "c", {.prefetch = 1});
    test.put_all({"1", "2"});
    CHECK(test.port.ask(consume(consumer), Cancel{consumer}, Cancel{consumer}) ==
          Lines{"consume-ok c", "deliver c '1'", "cancel-ok c", "cancel-ok c"});
    CHECK(test.world.unacked("q") == 1);
    SECTION("acknowledged") {
        test.port.ack("1");
        CHECK(test.world.ready("q") == 1);
    }
    SECTION("requeued") {
        test.port.requeue("1");
        CHECK(test.world.ready("q") == 2);
    }
    CHECK(test.world.unacked("q") == 0);
    CHECK(test.port.take().empty());
}

TEST_CASE("queue deleted: consumers are told, unacknowledged messages are gone", "[core][C17]") {
    Fixture test({.durable = true});
    RecordingPort other(test.world.host);
    other.open();
    other.ask(consume("q", "theirs"));
    test.port.ask(consume("q", "mine", {.priority = 1}));
    test.put_all({"1"}, {.persistent = true});
    test.put_all({"2"});
    test.port.take();
    const storage::QueueId id = test.world.host.find_queue("q")->definition().id;
    CHECK(test.port.ask(DeleteQueue{"q", false, false}) == Lines{"deleted 0", "consumer-gone mine"});
    CHECK(other.take() == Lines{"consumer-gone theirs"});
    test.port.ack("1");
    test.port.requeue("2");
    CHECK(test.port.take().empty());
    CHECK(test.world.store.messages(id).empty());
    test.port.ask(declare_queue("q"));
    CHECK(test.world.ready("q") == 0);
}

TEST_CASE("basic.get: a message and what is left, or none", "[core][C19]") {
    Fixture test;
    CHECK(test.port.ask(get("q")) == Lines{"get-empty"});
    test.put_all({"1", "2"});
    CHECK(test.port.ask(get("q"), get("q", {.no_ack = true}), get("q")) ==
          Lines{"get-ok '1' left 1", "get-ok '2' left 0", "get-empty"});
    CHECK(test.world.unacked("q") == 1);
    test.port.ack("1");
    CHECK(test.world.unacked("q") == 0);
    CHECK(test.world.host.find_queue("q")->statistics().get_empty == 2);
}

TEST_CASE("queue.purge: ready messages go, unacknowledged ones stay", "[core][C11]") {
    Fixture test({.durable = true});
    test.put_all({"1", "2", "3"}, {.persistent = true});
    test.put_all({"4"});
    test.port.ask(get("q"));
    CHECK(test.port.ask(PurgeQueue{"q"}, PurgeQueue{"q"}) == Lines{"purged 3", "purged 0"});
    CHECK(test.world.stored("q") == Lines{"1"});
    test.port.requeue("1");
    CHECK(test.world.ready("q") == 1);
}

TEST_CASE("queue.purge: of many messages nothing is left, and the queue goes on", "[core][C11]") {
    Fixture test;
    for (int i = 0; i < 3'000; ++i) { // freed in several slices
        test.put_all({"x"});
    }
    CHECK(test.port.ask(PurgeQueue{"q"}, put("q", "next"), get("q")) == Lines{"purged 3000", "get-ok 'next' left 0"});
}

TEST_CASE("expiry: what has expired at the head is not delivered", "[core]") {
    Fixture test({.durable = true, .arguments = {{"x-message-ttl", 100}}});
    test.put_all({"1"}, {.persistent = true, .expiration = "50"});
    test.put_all({"2"}, {.persistent = true, .expiration = "5000"});
    test.world.clock.advance(50);
    CHECK(test.port.ask(get("q")) == Lines{"get-ok '2' left 0"});
    test.port.requeue("2");
    test.world.clock.advance(50); // as long as it was going to live, requeued or not
    CHECK(test.port.ask(get("q")) == Lines{"get-empty"});
    CHECK(test.world.stored("q").empty());
}

TEST_CASE("expiry: zero reaches only who is waiting", "[core]") {
    Fixture test;
    test.put_all({"1"}, {.expiration = "0"});
    CHECK(test.port.ask(consume("q", "c")) == Lines{"consume-ok c"});
    test.put_all({"2"}, {.expiration = "0"});
    CHECK(test.port.take() == Lines{"deliver c '2'"});
}

TEST_CASE("congestion: deliveries pause until the connection has written, and then go on", "[core]") {
    QueueFlags flags;
    SECTION("any consumer") {}
    SECTION("the single active consumer") {
        flags.arguments = {{"x-single-active-consumer", true}};
    }
    Fixture test(std::move(flags));
    test.port.reads = false;
    const std::string body(ConnectionPort::max_unwritten_bytes, 'x');
    test.port.ask(consume("q", "c", {.no_ack = true}));
    test.port.send(put("q", body), put("q", "2"), put("q", "3"));
    CHECK(test.port.take().size() == 1);
    CHECK(test.world.ready("q") == 2);
    REQUIRE(test.port.count_written(body.size()));
    CHECK(test.port.ask(on_channel(0, ResumeDeliveries{})) == Lines{"deliver c '2'", "deliver c '3'"});
}
