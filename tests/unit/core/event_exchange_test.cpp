// What is told to amq.rabbitmq.event.
#include "broker/core/message_content.hpp"
#include "core_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>

using namespace broker;

namespace {

struct Telling {
    Telling() {
        watcher.open();
        watcher.ask(declare_queue("events"), bind_queue("events", "amq.rabbitmq.event", "#"));
        take();
        port.user_name = "alice";
        port.open();
    }
    std::vector<amqp::MessagePtr> take() {
        std::vector<amqp::MessagePtr> result;
        watcher.ask(get("events"));
        while (!watcher.ledger().empty()) {
            result.push_back(watcher.ledger().front().unacked.message);
            watcher.ack(watcher.unacked().front());
            watcher.ask(get("events"));
        }
        return result;
    }
    Lines keys() {
        Lines result;
        for (const auto& event : take()) {
            result.emplace_back(event->routing_key());
        }
        return result;
    }
    World world;
    RecordingPort watcher{world.host, "watcher"}, port{world.host, "client"};
};

amqp::FieldTable headers_of(const amqp::Message& message) {
    MessageContent content(message);
    return *content.headers();
}

} // namespace

TEST_CASE("event exchange: internal, a topic exchange, durable, and only where it belongs", "[core][events]") {
    World world;
    const Exchange::Definition& definition = world.host.find_exchange("amq.rabbitmq.event")->definition();
    CHECK(definition.type == "topic");
    CHECK(definition.internal);
    CHECK(definition.durable);
    VirtualHost other({.name = "other", .shard = 2, .description = {}, .tags = {}, .default_queue_type = {}},
                      {world.store, world.clock, {}, {}});
    CHECK(other.find_exchange("amq.rabbitmq.event") == nullptr);
}

TEST_CASE("event exchange: nobody makes events while nothing is bound", "[core][events]") {
    World world;
    RecordingPort port(world.host, "client");
    port.open();
    CHECK_FALSE(world.events.wanted());
    port.ask(declare_queue("q"), bind_queue("q", "amq.rabbitmq.event", "queue.*"));
    CHECK(world.events.wanted());
    port.ask(unbind_queue("q", "amq.rabbitmq.event", "queue.*"));
    CHECK_FALSE(world.events.wanted());
    port.ask(bind_queue("q", "amq.rabbitmq.event", "queue.*"));
    port.ask(Request(DeleteQueue{"q", false, false}));
    CHECK_FALSE(world.events.wanted());
}

TEST_CASE("event exchange: a binding that was there at start counts", "[core][events]") {
    const auto disk = std::make_shared<storage::MemoryDisk>();
    {
        World world(World::Completions::immediate, disk);
        RecordingPort port(world.host, "client");
        port.open();
        port.ask(declare_queue("q", {.durable = true}), bind_queue("q", "amq.rabbitmq.event", "#"));
    }
    World again(World::Completions::immediate, disk);
    CHECK(again.events.wanted());
}

TEST_CASE("event exchange: an event has no body, is persistent, and says when and by whom", "[core][events]") {
    Telling test;
    test.take();
    test.port.ask(declare_queue("q", {.durable = true, .arguments = {{"x-max-length", 5}}}));
    const auto events = test.take();
    REQUIRE(events.size() == 1);
    const amqp::Message& event = *events.front();
    CHECK(event.exchange() == "amq.rabbitmq.event");
    CHECK(event.routing_key() == "queue.created");
    CHECK(event.body().empty());
    CHECK(event.persistent());
    MessageContent content(event);
    const std::int64_t now = test.world.clock.now_ms();
    CHECK(content.properties().timestamp == static_cast<std::uint64_t>(now / 1000));
    const amqp::FieldTable headers = headers_of(event);
    CHECK(headers.find("name")->to_text() == "q");
    CHECK(headers.find("vhost")->to_text() == "/");
    CHECK(*headers.find("durable") == amqp::FieldValue(true));
    CHECK(*headers.find("exclusive") == amqp::FieldValue(false));
    CHECK(headers.find("arguments")->get_if<amqp::Array>()->front() ==
          amqp::FieldValue("{<<\"x-max-length\">>,signedint,5}"));
    CHECK(headers.find("user_who_performed_action")->to_text() == "alice");
    CHECK(headers.find("timestamp_in_ms")->as_integer() == now);
}

TEST_CASE("event exchange: what happens in a virtual host is told, in its order", "[core][events]") {
    Telling test;
    CHECK(test.keys() == Lines{"channel.created"});
    test.port.ask(declare_queue("q"));
    test.port.ask(declare_exchange("e", "fanout"));
    CHECK(test.keys() == Lines{"queue.created", "exchange.created"});
    test.port.ask(declare_queue("q"), declare_exchange("e", "fanout")); // there already: no event
    CHECK(test.keys().empty());
    test.port.ask(bind_queue("q", "e", "k"), bind_queue("q", "e", "k"));
    CHECK(test.keys() == Lines{"binding.created"});
    const ConsumerPtr consumer = make_consumer("q", "c");
    test.port.ask(consume(consumer));
    test.port.ask(Request(Cancel{consumer}));
    CHECK(test.keys() == Lines{"consumer.created", "consumer.deleted"});
    test.port.ask(unbind_queue("q", "e", "k"));
    CHECK(test.keys() == Lines{"binding.deleted"});
    test.port.ask(bind_queue("q", "e", "k"), Request(DeleteExchange{"e", false}));
    CHECK(test.keys() == Lines{"binding.created", "binding.deleted", "exchange.deleted"});
    test.port.ask(consume("q", "c"), Request(DeleteQueue{"q", false, false}));
    CHECK(test.keys() == Lines{"consumer.created", "consumer.deleted", "queue.deleted"});
    test.port.close_channel();
    CHECK(test.keys() == Lines{"channel.closed"});
}

TEST_CASE("event exchange: that exclusive queues go with their connection is nobody's doing", "[core][events]") {
    Telling test;
    test.port.ask(declare_queue("q", {.exclusive = true}));
    test.take();
    test.port.close();
    const auto events = test.take();
    REQUIRE(events.size() == 2);
    CHECK(events[0]->routing_key() == "queue.deleted");
    CHECK(headers_of(*events[0]).find("user_who_performed_action")->to_text() == "rmq-internal");
    CHECK(events[1]->routing_key() == "channel.closed");
}

TEST_CASE("event exchange: the management API's connections are not told", "[core][events]") {
    Telling test;
    test.take();
    RecordingPort port(test.world.host, "HTTP API");
    port.administrative = true;
    port.open();
    port.ask(declare_queue("q"));
    port.close();
    CHECK(test.keys() == Lines{"queue.created"});
}

TEST_CASE("event exchange: settings that changed are told, and no others", "[core][events][policies]") {
    Telling test;
    test.take();
    const auto change = [&](const VirtualHost::SettingsChange& how) {
        test.world.host.run([&](VirtualHost& host) {
            host.change_settings(
                how, [](auto) {}, "bob");
        });
        return test.take();
    };
    const Policy policy{"p", "^q", ApplyTo::queues, 3, {{"max-length", 5}}};
    auto events =
        change([&](auto& settings, auto& batch) { return settings.put_policy(PolicyKind::user, policy, batch); });
    REQUIRE(events.size() == 1);
    CHECK(events[0]->routing_key() == "policy.set");
    const amqp::FieldTable headers = headers_of(*events[0]);
    CHECK(headers.find("name")->to_text() == "p");
    CHECK(headers.find("apply-to")->to_text() == "queues");
    CHECK(headers.find("pattern")->to_text() == "^q");
    CHECK(*headers.find("definition")->get_if<amqp::FieldTable>() == policy.definition);
    CHECK(headers.find("user_who_performed_action")->to_text() == "bob");

    const auto keys = [](const std::vector<amqp::MessagePtr>& all) {
        Lines lines;
        for (const auto& event : all) {
            lines.emplace_back(event->routing_key());
        }
        return lines;
    };
    CHECK(keys(change([](auto& settings, auto& batch) {
              return amqp::Result<bool>(settings.delete_policy(PolicyKind::user, "p", batch));
          })) == Lines{"policy.cleared"});
    CHECK(keys(change([&](auto& settings, auto& batch) {
              return settings.put_policy(PolicyKind::operators, policy, batch);
          })) == Lines{"parameter.set", "policy.set"});
    CHECK(keys(change([](auto& settings, auto& batch) { return settings.put_limit("max-queues", 9, batch); })) ==
          Lines{"parameter.set", "vhost.limits.set"});
    CHECK(keys(change([](auto& settings, auto& batch) { return settings.put_limit("max-queues", 9, batch); })).empty());
    CHECK(keys(change([](auto& settings, auto& batch) {
              return amqp::Result<bool>(settings.delete_limit("max-queues", batch));
          })) == Lines{"parameter.set", "vhost.limits.cleared"});
    CHECK(keys(change([](auto& settings, auto& batch) { return settings.put_parameter("c", "n", "1", batch); })) ==
          Lines{"parameter.set"});
}

TEST_CASE("event exchange: arguments of a queue that change in place are told, with those of before",
          "[core][events]") {
    Telling telling;
    telling.port.ask(declare_queue("q"));
    telling.take();
    telling.world.host.run([](VirtualHost& host) {
        const ArgumentChange change{{{"x-max-length", std::int64_t{7}}}, {}};
        CHECK(host.change_queue("q", change, "bob").has_value());
        const ArgumentChange wrong{{{"x-max-length", "many"}}, {}};
        CHECK_FALSE(host.change_queue("q", wrong, "bob").has_value());
    });
    const std::vector<amqp::MessagePtr> events = telling.take();
    REQUIRE(events.size() == 1);
    CHECK(events[0]->routing_key() == "queue.changed");
    const amqp::FieldTable headers = headers_of(*events[0]);
    CHECK(headers.find("name")->to_text() == "q");
    CHECK(headers.find("user_who_performed_action")->to_text() == "bob");
    CHECK(headers.find("arguments")->to_text() != headers.find("arguments_before")->to_text());
}

TEST_CASE("event exchange: a queue that is bound to it twice over makes no loop", "[core][events]") {
    Telling test;
    test.port.ask(
        declare_queue("short", {.arguments = {{"x-max-length", 1}, {"x-dead-letter-exchange", "amq.fanout"}}}),
        bind_queue("short", "amq.rabbitmq.event", "#"), bind_queue("short", "amq.fanout", ""));
    test.take();
    test.port.ask(declare_queue("a"), declare_queue("b"));
    CHECK(test.keys() == Lines{"queue.created", "queue.created"});
}
