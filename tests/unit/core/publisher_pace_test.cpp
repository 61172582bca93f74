// Who publishes faster than consumers take or the disk can write is told to go slower, and when to go on.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

// Durable queue "d", transient queue "t" with a consumer who takes one message and then no more.
struct Fixture {
    Fixture() {
        port.open();
        port.ask(declare_queue("d", {.durable = true}), declare_queue("t"), consume("t", "c", {.prefetch = 1}),
                 put("t", "first"));
    }
    Lines store_one() { return port.ask(put("d", "x", {.persistent = true})); }
    Lines overrun() {
        CommandBatch batch; // one hold: the consumer has taken something not long ago
        for (int i = 0; i < 20'001; ++i) {
            batch.push_back(put("t", "x"));
        }
        port.send_batch(std::move(batch));
        return port.take();
    }
    Lines relieve() { return port.ask(PurgeQueue{.name = "t"}, put("t", "x")); }

    World world;
    RecordingPort port{world.host};
};

const std::string slower = "slower", faster = "as fast as it can";

} // namespace

TEST_CASE("publishers: are slowed down while consumers fall behind", "[core]") {
    Fixture test;
    CHECK(test.overrun() == Lines{slower});
    CHECK(test.port.ask(put("t", "x")).empty());
    CHECK(test.relieve() == Lines{"purged 20002", faster});
}

TEST_CASE("publishers: are slowed down while more waits for the disk than shall", "[core]") {
    Fixture test;
    test.world.store.behind = true;
    CHECK(test.port.ask(put("t", "x", {.persistent = true})).empty()); // nothing of it is written
    CHECK(test.store_one() == Lines{slower});
    CHECK(test.store_one().empty());
    test.world.store.behind = false;
    CHECK(test.port.ask(put("t", "x")) == Lines{faster});
    CHECK(test.store_one().empty());
}

TEST_CASE("publishers: are slowed down by the disk whichever way their messages take there", "[core]") {
    Fixture test;
    test.port.ask(declare_exchange("later", "x-delayed-message",
                                   {.durable = true, .arguments = {{"x-delayed-type", "fanout"}}}),
                  declare_queue("full", {.durable = true,
                                         .arguments = {{"x-max-length", 0},
                                                       {"x-overflow", "reject-publish-dlx"},
                                                       {"x-dead-letter-exchange", ""},
                                                       {"x-dead-letter-routing-key", "d"}}}));
    test.world.store.behind = true;
    SECTION("an exchange that delays them") {
        PublishOptions options{.persistent = true};
        options.headers.set("x-delay", 1000);
        CHECK(test.port.ask(publish("later", "", "x", options)) == Lines{slower});
    }
    SECTION("a queue that refuses and dead-letters them") {
        CHECK(test.port.ask(put("full", "x", {.persistent = true})) == Lines{slower});
    }
}

TEST_CASE("publishers: go on when neither consumers nor the disk are behind", "[core]") {
    Fixture test;
    test.world.store.behind = true;
    CHECK(test.store_one() == Lines{slower});
    CHECK(test.overrun().empty());
    SECTION("the consumers first") {
        CHECK(test.relieve() == Lines{"purged 20001"});
        test.world.store.behind = false;
        CHECK(test.store_one() == Lines{faster});
    }
    SECTION("the disk first") {
        test.world.store.behind = false;
        CHECK(test.store_one().empty());
        CHECK(test.relieve() == Lines{"purged 20001", faster});
    }
}

TEST_CASE("publishers: are slowed down while a consumer waits for what is read back", "[core]") {
    Fixture test;
    for (int i = 0; i < 12; ++i) {
        test.port.ask(put("d", std::string(1 << 20, 'x'), {.persistent = true})); // the last ones stay on disk only
    }
    test.world.store.set_completions(World::Completions::manual);
    test.port.ask(consume("d", "c", {.no_ack = true}));
    CHECK(test.store_one() == Lines{slower});
    CHECK(test.store_one().empty());
    Lines told;
    for (int pages = 0; pages < 12 && test.world.ready("d") > 0; ++pages) {
        test.world.store.run_completions();
        for (const std::string& line : test.port.take()) {
            told.push_back(line);
        }
    }
    REQUIRE(test.world.ready("d") == 0);
    for (const std::string& line : test.port.ask(put("d", "x", {.persistent = true}))) {
        told.push_back(line);
    }
    const auto last = std::find_if(told.rbegin(), told.rend(),
                                   [](const std::string& line) { return line == slower || line == faster; });
    REQUIRE(last != told.rend());
    CHECK(*last == faster);
}
