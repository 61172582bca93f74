// VirtualHost: channels and connections that open, fail, stop and finish; removing the whole virtual host.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

TEST_CASE("channel: answers come in the order of the requests, per connection", "[core]") {
    World world;
    RecordingPort port(world.host);
    CHECK(port.ask(on_channel(1, OpenChannel{}), on_channel(2, OpenChannel{}), declare_queue("q"),
                   on_channel(2, Echo{{20, 20}}),
                   get("q")) == Lines{"done 20.11", "2: done 20.11", "declared q 0/0", "2: done 20.20", "get-empty"});
}

TEST_CASE("channel: after a mistake commands are skipped, but deliveries are accounted for", "[core]") {
    World world;
    RecordingPort port(world.host);
    port.open(1);
    port.open(2);
    port.ask(declare_queue("q"), put("q", "a"), put("q", "b"), get("q"), get("q"));
    CHECK(port.ask(declare_queue_passive("nope"), declare_queue("skipped"), put("q", "skipped"), get("q"),
                   on_channel(2, declare_queue("other"))) ==
          Lines{"failed 404 NOT_FOUND - no queue 'nope' in vhost '/'", "2: declared other 0/0"});
    CHECK(world.host.find_queue("skipped") == nullptr);
    CHECK(world.ready("q") == 0);
    port.ack("a");
    CHECK(world.unacked("q") == 1);
    port.send_batch(port.return_everything(1));
    CHECK(world.unacked("q") == 0);
    CHECK(world.ready("q") == 1);
    CHECK(port.ask(on_channel(1, StopChannel{}), on_channel(1, FinishChannel{})) == Lines{"channel-closed"});
    CHECK(port.ask(on_channel(1, OpenChannel{}), get("q")) ==
          Lines{"done 20.11", "get-ok 'b' redelivered count 1 left 0"});
}

TEST_CASE("channel: a mistake that it found itself comes back in its place", "[core]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    CHECK(port.ask(declare_queue("q"), FailChannel{amqp::precondition_failed("unknown delivery tag 7")},
                   declare_queue("r")) ==
          Lines{"declared q 0/0", "failed 406 PRECONDITION_FAILED - unknown delivery tag 7"});
}

TEST_CASE("channel: the failed method is told", "[core]") {
    World world;
    struct Port final : ConnectionPort {
        Waker* deliver(EventBatch batch) override {
            for (Event& event : batch) {
                if (auto* failed = std::get_if<ChannelFailed>(&event)) {
                    method = failed->failure->method;
                }
            }
            return nullptr;
        }
        amqp::MethodId method;
    } port;
    world.host.attach(port);
    const auto submit = [&](Command command) {
        CommandBatch batch;
        batch.push_back(std::move(command));
        world.host.submit(port, std::move(batch));
    };
    submit(on_channel(1, OpenChannel{}));
    submit(on_channel(1, PurgeQueue{"nope"}, {50, 30}));
    CHECK(port.method == amqp::MethodId{50, 30});
    submit(on_channel(2, OpenChannel{}));
    submit(on_channel(2, publish("nope", "k", "m")));
    CHECK(port.method == amqp::MethodId{60, 40});
}

TEST_CASE("channel: stopped means no more deliveries, finished means closed", "[core]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    port.ask(declare_queue("q"), consume("q", "c"), put("q", "a"));
    CHECK(port.ask(StopChannel{}, put("q", "skipped"), declare_queue("skipped")) == Lines{"channel-stopped"});
    CHECK(world.host.find_queue("q")->consumers().empty());
    CHECK(world.unacked("q") == 1); // until the session gives it back
    CHECK(port.channels.size() == 1);
    port.send_batch(port.return_everything());
    CHECK(port.ask(FinishChannel{}) == Lines{"channel-closed"});
    CHECK(port.channels.empty());
    CHECK(world.ready("q") == 1);
}

TEST_CASE("connection: a mistake stops all its channels", "[core]") {
    World world;
    RecordingPort port(world.host), other(world.host);
    port.open(1);
    port.open(2);
    other.open();
    port.ask(declare_queue("q"), consume("q", "a"), consume("q", "b", {.channel = 2}));
    other.ask(put("q", "1"), put("q", "2"), put("q", "3"));
    port.take();
    CHECK(port.ask(on_channel(0, FailConnection{amqp::not_allowed("no")}),
                   on_channel(0, FailConnection{amqp::not_allowed("no")}), declare_queue("skipped"),
                   on_channel(3, OpenChannel{})) == Lines{"connection failed 530 NOT_ALLOWED - no"});
    CHECK(world.host.find_queue("q")->consumers().empty());
    CHECK(world.host.connections().count(&port) == 1);
    port.close();
    CHECK(port.take() == Lines{"connection-stopped", "connection-closed"});
    CHECK(world.host.connections().count(&port) == 0);
    CHECK(world.ready("q") == 3);
}

TEST_CASE("connection: none of its channels gets anything while it stops", "[core]") {
    World world;
    RecordingPort port(world.host);
    port.ask(on_channel(1, OpenChannel{}), on_channel(2, OpenChannel{}),
             declare_queue("q", {.arguments = {{"x-single-active-consumer", true}}}));
    const auto first = static_cast<amqp::ChannelNumber>(GENERATE(1, 2));
    const auto second = static_cast<amqp::ChannelNumber>(3 - first);
    port.ask(consume("q", "a", {.channel = first, .prefetch = 1}),
             consume("q", "b", {.channel = second, .prefetch = 1}), put("q", "1"), put("q", "2"), put("q", "3"));
    CHECK(port.unacked() == Lines{"1"});
    CHECK(port.ask(on_channel(0, StopConnection{})) == Lines{"connection-stopped"});
    CHECK(world.ready("q") == 2);
}

TEST_CASE("connection: an error of connection scope ends it from any channel", "[core]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    CHECK(port.ask(FailChannel{amqp::not_implemented("immediate=true")}, declare_queue("skipped")) ==
          Lines{"connection failed 540 NOT_IMPLEMENTED - immediate=true"});
    CHECK(port.stopped);
}

TEST_CASE("connection: the broker closes it", "[core]") {
    World world;
    RecordingPort port(world.host);
    port.open();
    const auto forced = amqp::make_error(amqp::ReplyCode::connection_forced, "Closed via management plugin");
    world.host.run([&](VirtualHost& host) {
        host.close_connection(port, forced);
        host.close_connection(port, forced);
    });
    CHECK(port.take() == Lines{"connection failed 320 CONNECTION_FORCED - Closed via management plugin"});
}

TEST_CASE("virtual host: ends with its queues, whoever still consumes from them", "[core]") {
    std::weak_ptr<Queue> queue;
    {
        World world;
        RecordingPort port(world.host);
        port.open();
        port.ask(declare_queue("q"), consume("q", "c"));
        queue = world.host.find_queue("q")->weak_from_this();
        REQUIRE_FALSE(queue.expired());
    }
    CHECK(queue.expired());
}

TEST_CASE("remove everything: connections are closed, then all is deleted, then it is done", "[core]") {
    const auto disk = std::make_shared<storage::MemoryDisk>();
    World world(World::Completions::immediate, disk);
    RecordingPort port(world.host);
    port.open();
    const ExchangeFlags kept{.durable = true}, gone{.durable = true, .auto_delete = true};
    port.ask(declare_queue("q", {.durable = true}), put("q", "m", {.persistent = true}), bind_queue("q", "amq.fanout"),
             declare_queue("t"));
    // Deleting some of these deletes others.
    for (int i = 0; i < 20; ++i) {
        const std::string number = std::to_string(i);
        port.ask(declare_exchange("kept" + number, "fanout", kept), declare_exchange("gone" + number, "fanout", gone),
                 bind_exchange("kept" + number, "gone" + number), bind_queue("q", "kept" + number));
    }
    world.store.set_completions(World::Completions::manual);
    bool done = false;
    world.host.remove_everything(amqp::make_error(amqp::ReplyCode::connection_forced, "vhost '/' is deleted"),
                                 [&] { done = true; });
    CHECK(port.take() == Lines{"connection failed 320 CONNECTION_FORCED - vhost '/' is deleted"});
    CHECK(world.host.queues().size() == 2);
    port.close();
    CHECK(port.take() == Lines{"connection-stopped", "connection-closed"});
    CHECK(world.host.queues().empty());
    CHECK(world.host.exchanges().size() == 8);
    CHECK_FALSE(done);
    world.store.run_completions();
    CHECK(done);
    CHECK(disk->records[1].empty());
    CHECK(disk->queues.empty());
}

TEST_CASE("remove everything: without connections it happens at once", "[core]") {
    World world;
    bool done = false;
    world.host.remove_everything(amqp::internal_error(), [&] { done = true; });
    CHECK(done);
}
