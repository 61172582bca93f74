// VirtualHost and the store: what is told only when it is on disk.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

// Durable queue "d", transient queue "t"; from then on commits complete when the test says so.
struct Fixture {
    Fixture() {
        port.open();
        port.ask(declare_queue("d", {.durable = true}), declare_queue("t"));
        world.store.set_completions(World::Completions::manual);
    }
    Lines completed() {
        world.store.run_completions();
        return port.take();
    }
    World world;
    RecordingPort port{world.host};
};

} // namespace

TEST_CASE("confirms: transient messages and queues are confirmed at once", "[core][K4]") {
    Fixture test;
    CHECK(test.port.ask(put("t", "1", {.confirm = 1, .persistent = true}), put("d", "2", {.confirm = 2}),
                        put("t", "3", {.confirm = 3})) == Lines{"confirmed 1-3"});
}

TEST_CASE("confirms: persistent messages in durable queues are confirmed when they are on disk", "[core][K3][K4]") {
    Fixture test;
    test.port.ask(bind_queue("d", "amq.fanout"), bind_queue("t", "amq.fanout"));
    test.completed();
    CHECK(test.port.ask(put("d", "1", {.confirm = 1, .persistent = true}),
                        put("d", "2", {.confirm = 2, .persistent = true}),
                        publish("amq.fanout", "", "3", {.confirm = 3, .persistent = true}),
                        put("t", "4", {.confirm = 4})) == Lines{"confirmed 4"});
    CHECK(test.world.stored("d") == Lines{"1", "2", "3"});
    CHECK(test.port.take().empty());
    CHECK(test.completed() == Lines{"confirmed 1-3"});
}

// Of the first kind those that consumers have settled need not be written before they are confirmed.
TEST_CASE("confirms: wait for the messages of their commit, or for all of it", "[core][K4]") {
    Fixture test;
    test.port.ask(
        declare_queue("once", {.durable = true, .arguments = {{"x-message-deduplication", true}}}),
        DeclareExchange{
            .name = "later", .type = "x-delayed-message", .durable = true, .arguments = {{"x-delayed-type", "direct"}}},
        bind_queue("d", "later", "d"));
    test.completed();
    const amqp::FieldTable key{{"x-deduplication-header", "k"}};
    const amqp::FieldTable delay{{"x-delay", std::int64_t{1000}}};
    test.port.ask(put("once", "1", {.persistent = true, .headers = key}));
    struct Seen {
        bool promised, whole;
        bool operator==(const Seen&) const = default;
    };
    std::vector<Seen> seen;
    test.world.store.on_commit = [&](const storage::Batch& batch) { seen.push_back({batch.promised, batch.whole}); };
    SECTION("a message without a confirm is promised to nobody") {
        test.port.ask(put("d", "1", {.persistent = true}));
        CHECK(seen == std::vector<Seen>{{false, false}});
    }
    SECTION("a message") {
        test.port.ask(put("d", "1", {.confirm = 1, .persistent = true}));
        CHECK(seen == std::vector<Seen>{{true, false}});
    }
    SECTION("a duplicate waits for the first one, which may be in an earlier commit") {
        test.port.ask(put("once", "2", {.confirm = 1, .persistent = true, .headers = key}));
        CHECK(seen == std::vector<Seen>{{true, true}});
    }
    SECTION("what is delayed moves before anybody can settle it") {
        test.port.ask(publish("later", "d", "1", {.confirm = 1, .persistent = true, .headers = delay}));
        CHECK(seen == std::vector<Seen>{{true, true}});
    }
}

TEST_CASE("confirms: they come commit by commit", "[core][K8]") {
    Fixture test;
    RecordingPort other(test.world.host);
    other.ask(on_channel(7, OpenChannel{}));
    test.port.send(put("d", "1", {.confirm = 1, .persistent = true}));
    other.send(on_channel(7, put("d", "x", {.confirm = 1, .persistent = true})));
    test.port.send(put("d", "2", {.confirm = 2, .persistent = true}));
    test.world.store.run_completions(1);
    CHECK(test.port.take() == Lines{"confirmed 1"});
    CHECK(other.take().empty());
    test.world.store.run_completions(1);
    CHECK(other.take() == Lines{"7: confirmed 1"});
    CHECK(test.completed() == Lines{"confirmed 2"});
    CHECK(test.world.host.counts().host.confirmed == 3);
}

TEST_CASE("confirms: delivering does not wait for the disk, confirming does", "[core][K4]") {
    Fixture test;
    test.port.ask(consume("d", "c"));
    CHECK(test.port.ask(put("d", "1", {.confirm = 1, .persistent = true})) == Lines{"deliver c '1'"});
    test.port.ack("1");
    CHECK(test.completed() == Lines{"confirmed 1"});
    CHECK(test.world.stored("d").empty());
}

TEST_CASE("confirms: what was delivered without acknowledgement needs no disk", "[core][K4]") {
    Fixture test;
    test.port.ask(consume("d", "c", {.no_ack = true}));
    test.completed();
    CHECK(test.port.ask(put("d", "1", {.confirm = 1, .persistent = true})) == Lines{"deliver c '1'", "confirmed 1"});
    CHECK(test.world.store.run_completions() == 0); // nothing was written at all
}

TEST_CASE("confirms: a deleted queue's messages are confirmed", "[core][K7]") {
    Fixture test;
    CHECK(test.port.ask(put("d", "1", {.confirm = 1, .persistent = true}), DeleteQueue{"d", false, false}).empty());
    CHECK(test.completed() == Lines{"deleted 1", "confirmed 1"});
}

TEST_CASE("confirms: a failed channel's confirms come before its number is free again", "[core][K9]") {
    Fixture test;
    CHECK(test.port.ask(put("d", "1", {.confirm = 1, .persistent = true}), StopChannel{}, FinishChannel{},
                        OpenChannel{}) == Lines{"channel-stopped"});
    CHECK(test.completed() == Lines{"confirmed 1", "channel-closed", "done 20.11"});
}

TEST_CASE("confirms: they come behind what was answered before the publish", "[core]") {
    Fixture test; // confirm.select-ok, if nothing else
    CHECK(test.port
              .ask(declare_queue("e", {.durable = true}), Echo{{85, 11}},
                   put("d", "1", {.confirm = 1, .persistent = true}))
              .empty());
    SECTION("in the same commit") {
        CHECK(test.completed() == Lines{"declared e 0/0", "done 85.11", "confirmed 1"});
    }
    SECTION("in spite of a channel that closed in it") {
        test.port.send(StopChannel{}, FinishChannel{}, on_channel(2, OpenChannel{}),
                       on_channel(2, put("d", "2", {.confirm = 1, .persistent = true})));
        CHECK(test.completed() == Lines{"declared e 0/0", "done 85.11", "channel-stopped", "confirmed 1",
                                        "channel-closed", "2: done 20.11", "2: confirmed 1"});
    }
    SECTION("not behind later commits") {
        CHECK(test.port.ask(declare_queue("f", {.durable = true})).empty());
        test.world.store.run_completions(1);
        CHECK(test.port.take() == Lines{"declared e 0/0", "done 85.11", "confirmed 1"});
        CHECK(test.completed() == Lines{"declared f 0/0"});
    }
}

TEST_CASE("confirms: a connection ends after its last confirm", "[core]") {
    Fixture test;
    test.port.send(put("d", "1", {.confirm = 1, .persistent = true}));
    test.port.close();
    CHECK(test.port.take() == Lines{"connection-stopped"});
    CHECK(test.completed() == Lines{"confirmed 1", "connection-closed"});
}

TEST_CASE("confirms: mandatory messages are returned before they are confirmed", "[core][K2]") {
    Fixture test;
    CHECK(test.port.ask(put("d", "1", {.confirm = 1, .persistent = true}),
                        put("nope", "2", {.confirm = 2, .mandatory = true, .persistent = true})) ==
          Lines{"returned '2'", "confirmed 2"});
    CHECK(test.completed() == Lines{"confirmed 1"});
}

TEST_CASE("store failure: it is told and nothing is confirmed any more", "[core]") {
    Fixture test;
    test.world.store.fail_next(storage::Outcome::failed);
    test.port.send(put("d", "1", {.confirm = 1, .persistent = true}), declare_queue("e", {.durable = true}));
    CHECK(test.completed().empty());
    test.port.send(put("d", "2", {.confirm = 2, .persistent = true}));
    CHECK(test.completed().empty());
    CHECK(test.world.failures == std::vector<storage::Outcome>{storage::Outcome::failed});
}

TEST_CASE("durable topology: every change is answered when it is on disk", "[core]") {
    Fixture test;
    test.port.ask(declare_exchange("x", "topic", {.durable = true}), declare_queue("e", {.durable = true}),
                  bind_queue("e", "x", "k"), bind_exchange("x", "amq.topic", "k"));
    CHECK(test.completed() == Lines{"done 40.11", "declared e 0/0", "done 50.21", "done 40.31"});
    Request request = Echo{};
    std::string answer;
    SECTION("exchange.declare") {
        request = declare_exchange("y", "fanout", {.durable = true}), answer = "done 40.11";
    }
    SECTION("exchange.delete") {
        request = DeleteExchange{"x", false}, answer = "done 40.21";
    }
    SECTION("exchange.unbind") {
        request = unbind_exchange("x", "amq.topic", "k"), answer = "done 40.51";
    }
    SECTION("queue.declare") {
        request = declare_queue("f", {.durable = true}), answer = "declared f 0/0";
    }
    SECTION("queue.delete") {
        request = DeleteQueue{"e", false, false}, answer = "deleted 0";
    }
    SECTION("queue.bind") {
        request = bind_queue("e", "x", "k2"), answer = "done 50.21";
    }
    SECTION("queue.unbind") {
        request = unbind_queue("e", "x", "k"), answer = "done 50.51";
    }
    CHECK(test.port.ask(std::move(request), Echo{{1, 1}}, put("t", "m", {.confirm = 1})).empty());
    CHECK(test.completed() == Lines{answer, "done 1.1", "confirmed 1"}); // what comes behind waits too
}

TEST_CASE("durable topology: what is transient is answered at once", "[core]") {
    Fixture test;
    CHECK(test.port.ask(declare_exchange("x", "fanout"), bind_queue("d", "x"), bind_queue("t", "amq.fanout"),
                        declare_queue("u"), declare_queue("e", {.durable = true, .exclusive = true}),
                        unbind_queue("d", "x"), DeleteExchange{"x", false}, DeleteQueue{"u", false, false}) ==
          Lines{"done 40.11", "done 50.21", "done 50.21", "declared u 0/0", "declared e 0/0", "done 50.51",
                "done 40.21", "deleted 0"});
    CHECK(test.world.store.run_completions() == 0);
}

TEST_CASE("durable topology: nobody hears of it before it is on disk", "[core]") {
    Fixture test;
    RecordingPort other(test.world.host);
    other.open();
    test.port.ask(declare_queue("e", {.durable = true}), declare_exchange("x", "fanout", {.durable = true}),
                  bind_queue("e", "x"));
    Request request = Echo{};
    SECTION("declared again") {
        request = declare_queue("e", {.durable = true});
    }
    SECTION("declared passively") {
        request = declare_queue_passive("e");
    }
    SECTION("exchange declared again") {
        request = declare_exchange("x", "fanout", {.durable = true});
    }
    SECTION("bound again") {
        request = bind_queue("e", "x");
    }
    SECTION("queue deleted before by somebody else") {
        other.ask(DeleteQueue{"e", false, false});
        request = DeleteQueue{"e", false, false};
    }
    CHECK(other.ask(std::move(request)).empty());
    test.world.store.run_completions();
    CHECK_FALSE(other.take().empty());
}

TEST_CASE("durable topology: other connections go on meanwhile", "[core]") {
    Fixture test;
    RecordingPort other(test.world.host);
    CHECK(test.port.ask(declare_queue("e", {.durable = true})).empty());
    CHECK(other.ask(OpenChannel{}, declare_queue("u")) == Lines{"done 20.11", "declared u 0/0"});
}

TEST_CASE("transactions: tx.commit is answered when all of it is on disk", "[core][C32]") {
    Fixture test;
    CHECK(test.port.ask(put("d", "1", {.persistent = true}), put("d", "2", {.persistent = true}), CommitTransaction{})
              .empty());
    CHECK(test.completed() == Lines{"done 90.21"});
    test.port.ask(get("d"));
    test.completed();
    CHECK(test.port.unacked() == Lines{"1"});
    const RecordingPort::Delivery delivery = test.port.ledger().front();
    CHECK(test.port.ask(Command{1, Settle{delivery.consumer, delivery.unacked.sequence, 1, 1}}, CommitTransaction{})
              .empty());
    CHECK(test.completed() == Lines{"done 90.21"});
    CHECK(test.world.stored("d") == Lines{"2"});
    CHECK(test.port.ask(put("t", "3"), put("nope", "4", {.mandatory = true}), CommitTransaction{}) ==
          Lines{"returned '4'", "done 90.21"}); // nothing to wait for
}

TEST_CASE("store: what is settled, dropped or transient does not stay there", "[core]") {
    Fixture test;
    test.world.store.set_completions(World::Completions::immediate);
    test.port.ask(put("d", "1", {.persistent = true}), put("d", "2", {.persistent = true}), put("d", "3"),
                  put("d", "4", {.persistent = true}), get("d"), get("d"), get("d"));
    CHECK(test.world.stored("d") == Lines{"1", "2", "4"});
    test.port.ack("1");
    test.port.reject("2");
    test.port.requeue("3");
    CHECK(test.world.stored("d") == Lines{"4"});
    test.port.ask(get("d", {.no_ack = true}), get("d", {.no_ack = true}));
    CHECK(test.world.stored("d").empty());
}
