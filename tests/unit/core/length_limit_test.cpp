#include "broker/core/length_limit.hpp"

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
    void put_all(std::string_view queue, std::initializer_list<std::string_view> bodies) {
        for (const std::string_view body : bodies) {
            port.ask(put(queue, body));
        }
    }
    Lines drain(std::string_view queue) {
        Lines bodies;
        while (world.ready(queue) > 0) {
            port.ask(get(std::string(queue)));
            bodies.emplace_back(port.ledger().back().unacked.message->body());
        }
        return bodies;
    }
};

} // namespace

TEST_CASE("length limit: the oldest go", "[core][limits][3.4]") {
    Test test;
    SECTION("too many") {
        test.declare("q", {{"x-max-length", 3}});
        test.put_all("q", {"1", "2", "3", "4", "5"});
        CHECK(test.drain("q") == Lines{"3", "4", "5"});
    }
    SECTION("too large") {
        test.declare("q", {{"x-max-length-bytes", 25}});
        test.put_all("q", {"0123456789", "123456789_", "23456789__"});
        CHECK(test.drain("q") == Lines{"123456789_", "23456789__"});
    }
    SECTION("by the lower one of both limits") {
        test.declare("q", {{"x-max-length", 3}, {"x-max-length-bytes", 2}});
        test.put_all("q", {"1", "2", "3"});
        CHECK(test.drain("q") == Lines{"2", "3"});
    }
    SECTION("of the lowest priority first") {
        test.declare("q", {{"x-max-length", 2}, {"x-max-priority", 5}});
        test.port.ask(put("q", "low", {.priority = 1}), put("q", "high", {.priority = 5}),
                      put("q", "mid", {.priority = 3}));
        CHECK(test.drain("q") == Lines{"high", "mid"});
    }
}

TEST_CASE("length limit: unacknowledged messages do not count until they come back", "[core][limits][3.4]") {
    Test test;
    test.declare("q", {{"x-max-length", 1}});
    test.port.ask(put("q", "1"), get("q"), put("q", "2"));
    CHECK(test.world.ready("q") == 1);
    test.port.requeue("1");
    CHECK(test.drain("q") == Lines{"2"});
}

TEST_CASE("length limit: zero lets pass what is taken at once", "[core][limits][3.4]") {
    Test test;
    test.declare("q", {{"x-max-length", 0}});
    CHECK(test.port.ask(put("q", "1"), consume("q", "c"), put("q", "2")) == Lines{"consume-ok c", "deliver c '2'"});
}

TEST_CASE("length limit: a full queue refuses", "[core][limits][K3][3.4]") {
    Test test;
    test.declare("free", {});
    test.declare("q", {{"x-max-length", 1}, {"x-overflow", "reject-publish"}});
    SECTION("and the publisher is told") {
        CHECK(test.port.ask(put("q", "1", {.confirm = 1}), put("q", "2", {.confirm = 2})) ==
              Lines{"confirmed 1", "refused 2"});
        CHECK(test.drain("q") == Lines{"1"});
    }
    SECTION("one that refuses among others refuses for all") {
        test.port.ask(bind_queue("q", "amq.fanout"), bind_queue("free", "amq.fanout"));
        CHECK(test.port.ask(publish("amq.fanout", "", "1", {.confirm = 1}),
                            publish("amq.fanout", "", "2", {.confirm = 2})) ==
              Lines{"confirmed 1", "refused 2"});
        CHECK(test.world.ready("free") == 2);
    }
    SECTION("in a transaction") {
        Command first = put("q", "1");
        Command second = put("q", "2");
        std::get<Publish>(first.what).in_transaction = true;
        std::get<Publish>(second.what).in_transaction = true;
        CHECK(test.port.ask(std::move(first), CommitTransaction{}) == Lines{"done 90.21"});
        CHECK(test.port.ask(std::move(second), CommitTransaction{}) ==
              Lines{"failed 406 PRECONDITION_FAILED - partial tx completion"});
    }
}

TEST_CASE("length limit: what is refused may be dead-lettered", "[core][limits][dlx][3.4]") {
    Test test;
    test.declare("dead", {});
    test.declare("q", {{"x-max-length", 1},
                       {"x-overflow", "reject-publish-dlx"},
                       {"x-dead-letter-exchange", ""},
                       {"x-dead-letter-routing-key", "dead"}});
    CHECK(test.port.ask(put("q", "1", {.confirm = 1}), put("q", "2", {.confirm = 2})) ==
          Lines{"confirmed 1", "refused 2"});
    CHECK(test.drain("dead") == Lines{"2"});
    CHECK(test.drain("q") == Lines{"1"});
}

TEST_CASE("length limit: dropping reaches what is on disk", "[core][limits][durability]") {
    const auto disk = std::make_shared<storage::MemoryDisk>();
    constexpr std::size_t messages = 3 * Queue::page_messages;
    {
        World world(World::Completions::immediate, disk);
        RecordingPort port(world.host);
        port.open();
        port.ask(declare_queue("q", {.durable = true, .arguments = {{"x-max-length", static_cast<int>(messages)}}}));
        for (std::size_t i = 0; i < messages; ++i) {
            port.ask(put("q", std::to_string(i), {.persistent = true}));
        }
        world.store.close();
    }
    World world(World::Completions::immediate, disk);
    RecordingPort port(world.host);
    port.open();
    for (int i = 0; i < 5; ++i) {
        port.ask(put("q", "new", {.persistent = true}));
    }
    CHECK(world.ready("q") == messages);
    CHECK(world.stored("q").size() == messages);
    CHECK(world.stored("q").front() == "5");
    CHECK(port.ask(get("q")) == Lines{"get-ok '5' left " + std::to_string(messages - 1)});
}
