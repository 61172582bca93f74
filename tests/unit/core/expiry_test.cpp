// Messages and queues that leave because their time has come.
#include "broker/core/expiry_index.hpp"

#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

struct Test {
    World world;
    RecordingPort port{world.host};

    Test() { port.open(); }
    void declare(std::string name, amqp::FieldTable arguments = {}, bool durable = false) {
        port.ask(declare_queue(std::move(name), {.durable = durable, .arguments = std::move(arguments)}));
    }
    bool exists(std::string_view name) { return world.host.find_queue(name) != nullptr; }
};

ReadyMessage expiring(storage::Sequence sequence, std::int64_t at_ms) {
    ReadyMessage message;
    message.sequence = sequence;
    message.message = make_message("", "q", "1");
    message.expires_at_ms = at_ms;
    return message;
}

} // namespace

TEST_CASE("expiry index: the earliest comes first", "[core][ttl]") {
    ExpiryIndex index;
    for (const auto& [sequence, at] : {std::pair{1, 30}, {2, 10}, {3, 20}, {4, 10}}) {
        index.add(expiring(static_cast<storage::Sequence>(sequence), at));
    }
    std::vector<storage::Sequence> order;
    while (!index.empty()) {
        order.push_back(index.pop().sequence);
    }
    CHECK(order == std::vector<storage::Sequence>{2, 4, 3, 1});
}

TEST_CASE("expiry index: what has left the list is swept out", "[core][ttl]") {
    ExpiryIndex index;
    ReadyList list(0);
    list.push_back(expiring(1, 5));
    for (storage::Sequence sequence = 1; sequence <= 100'000; ++sequence) {
        index.add(expiring(sequence, static_cast<std::int64_t>(sequence)));
        index.sweep(list);
        REQUIRE(index.size() < 2048);
    }
    CHECK(index.first().sequence == 1);
}

TEST_CASE("ttl: expired messages leave wherever they stand", "[core][ttl][3.3]") {
    Test test;
    test.declare("q");
    test.port.ask(put("q", "head"), put("q", "short", {.expiration = "100"}), put("q", "long", {.expiration = "200"}));
    test.world.pass(99);
    CHECK(test.world.ready("q") == 3);
    test.world.pass(1);
    CHECK(test.world.ready("q") == 2);
    CHECK(test.port.ask(get("q"), get("q")) == Lines{"get-ok 'head' left 1", "get-ok 'long' left 0"});
    test.world.pass(1000); // taken in time
    test.port.ack("long");
}

TEST_CASE("ttl: the smaller one of queue and message counts", "[core][ttl][3.3]") {
    Test test;
    test.declare("q", {{"x-message-ttl", 100}});
    test.port.ask(put("q", "1", {.expiration = "50"}), put("q", "2", {.expiration = "500"}), put("q", "3"));
    test.world.pass(50);
    CHECK(test.world.ready("q") == 2);
    test.world.pass(50);
    CHECK(test.world.ready("q") == 0);
}

TEST_CASE("ttl: zero means now or never", "[core][ttl][3.3]") {
    Test test;
    test.declare("q", {{"x-message-ttl", 0}});
    test.port.ask(put("q", "1"));
    CHECK(test.world.ready("q") == 0);
    CHECK(test.port.ask(consume("q", "c"), put("q", "2")) == Lines{"consume-ok c", "deliver c '2'"});
}

TEST_CASE("ttl: a requeued message keeps its time", "[core][ttl][3.3]") {
    Test test;
    test.declare("q");
    test.port.ask(put("q", "1", {.expiration = "100"}), put("q", "2", {.expiration = "100"}), get("q"), get("q"));
    test.world.pass(50);
    test.port.requeue("1");
    CHECK(test.world.ready("q") == 1);
    test.world.pass(50);
    CHECK(test.world.ready("q") == 0);
    test.port.requeue("2");
    CHECK(test.world.ready("q") == 0);
}

TEST_CASE("ttl: what expires leaves the store and arrives where it is dead-lettered to", "[core][ttl][dlx]") {
    Test test;
    test.declare("dead", {}, true);
    test.declare("q", {{"x-dead-letter-exchange", ""}, {"x-dead-letter-routing-key", "dead"}}, true);
    test.port.ask(put("q", "1", {.persistent = true, .expiration = "10"}), put("q", "2", {.persistent = true}));
    test.world.pass(10);
    CHECK(test.world.stored("q") == Lines{"2"});
    CHECK(test.world.stored("dead") == Lines{"1"});
    test.world.pass(1000); // not once more
    CHECK(test.world.ready("dead") == 1);
}

TEST_CASE("ttl: after a restart the queue's own goes on", "[core][ttl][durability]") {
    const auto disk = std::make_shared<storage::MemoryDisk>();
    {
        World world(World::Completions::immediate, disk);
        RecordingPort port(world.host);
        port.open();
        port.ask(declare_queue("q", {.durable = true, .arguments = {{"x-message-ttl", 100}}}));
        for (std::size_t i = 0; i < 3 * Queue::page_messages; ++i) {
            port.ask(put("q", "1", {.persistent = true}));
        }
        world.store.close();
    }
    World world(World::Completions::immediate, disk);
    CHECK(world.ready("q") == 3 * Queue::page_messages);
    world.pass(99);
    CHECK(world.ready("q") == 3 * Queue::page_messages);
    world.pass(1);
    CHECK(world.ready("q") == 0);
    CHECK(world.stored("q").empty());
}

TEST_CASE("ttl: many that expire together all leave", "[core][ttl]") {
    Test test;
    test.declare("q", {{"x-message-ttl", 100}});
    for (unsigned i = 0; i < 10 * Queue::departures_per_hold; ++i) {
        test.port.ask(put("q", "1"));
    }
    test.world.pass(100);
    CHECK(test.world.ready("q") == 0);
}

TEST_CASE("ttl: an idle queue asks for no wake-up", "[core][ttl]") {
    Test test;
    test.declare("q");
    test.port.ask(put("q", "1"));
    CHECK(test.world.alarm.at_ms == never_ms);
    test.port.ask(put("q", "2", {.expiration = "100"}), consume("q", "c"));
    test.world.pass(100);
    CHECK(test.world.alarm.at_ms == never_ms);
}

TEST_CASE("expires: an unused queue goes, use keeps it", "[core][ttl][3.3]") {
    Test test;
    test.declare("dead");
    const amqp::FieldTable arguments{
        {"x-expires", 100}, {"x-dead-letter-exchange", ""}, {"x-dead-letter-routing-key", "dead"}};
    test.declare("q", arguments);
    test.port.ask(put("q", "1"));
    test.world.pass(99);
    SECTION("not used") {
        test.world.pass(1);
        CHECK_FALSE(test.exists("q"));
        CHECK(test.world.ready("dead") == 0);
    }
    SECTION("got from") {
        test.port.ask(get("q"));
        test.world.pass(99);
        CHECK(test.exists("q"));
        test.world.pass(1);
        CHECK_FALSE(test.exists("q"));
    }
    SECTION("declared again") {
        test.port.ask(declare_queue("q", {.arguments = arguments}));
        test.world.pass(99);
        CHECK(test.exists("q"));
    }
    SECTION("consumed from") {
        const ConsumerPtr consumer = make_consumer("q", "c");
        test.port.ask(consume(consumer));
        test.world.pass(1000);
        CHECK(test.exists("q"));
        test.port.ask(Cancel{consumer});
        test.world.pass(99);
        CHECK(test.exists("q"));
        test.world.pass(1);
        CHECK_FALSE(test.exists("q"));
    }
}
