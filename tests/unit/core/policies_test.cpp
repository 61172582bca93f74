// What settings do to a virtual host: at once, to what is there and what comes, and again after a restart.
#include "tests/support/recording_port.hpp"
#include "tests/unit/core/core_world.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>

using namespace broker;

namespace {

struct Node : World {
    explicit Node(std::shared_ptr<storage::MemoryDisk> disk_to_recover = std::make_shared<storage::MemoryDisk>())
        : World(Completions::immediate, std::move(disk_to_recover)) {}

    amqp::Result<bool> change(const VirtualHost::SettingsChange& what) {
        amqp::Result<bool> result = amqp::internal_error("not done");
        host.run([&](VirtualHost& self) {
            self.change_settings(what, [&](amqp::Result<bool> done) { result = std::move(done); });
        });
        return result;
    }
    amqp::Result<bool> put(Policy policy, PolicyKind kind = PolicyKind::user) {
        return change([&](VirtualHostSettings& settings, storage::Batch& batch) {
            return settings.put_policy(kind, policy, batch);
        });
    }
    amqp::Result<bool> remove(std::string_view policy, PolicyKind kind = PolicyKind::user) {
        return change([&](VirtualHostSettings& settings, storage::Batch& batch) -> amqp::Result<bool> {
            return settings.delete_policy(kind, policy, batch);
        });
    }
    amqp::Result<bool> limit(std::string_view limit, std::int64_t value) {
        return change([&](VirtualHostSettings& settings, storage::Batch& batch) {
            return settings.put_limit(limit, value, batch);
        });
    }
    const QueueOptions& options(std::string_view queue) { return host.find_queue(queue)->options(); }
};

DeclareQueue queue(std::string queue_name, amqp::FieldTable arguments = {}) {
    DeclareQueue declare;
    declare.name = std::move(queue_name);
    declare.durable = true;
    declare.arguments = std::move(arguments);
    return declare;
}

Policy ttl(std::string policy_name, std::int64_t ttl_ms, std::int64_t priority = 0) {
    return {std::move(policy_name), "^q", ApplyTo::queues, priority, {{"message-ttl", ttl_ms}}};
}

} // namespace

TEST_CASE("policies: apply to queues that are there and to those that come", "[core][policy]") {
    Node node;
    RecordingPort port(node.host);
    port.open();
    port.send(queue("q.before"));
    CHECK(*node.put(ttl("p", 100)));
    port.send(queue("q.after"), queue("other"));
    CHECK(node.options("q.before").message_ttl_ms == 100);
    CHECK(node.options("q.after").message_ttl_ms == 100);
    CHECK_FALSE(node.options("other").message_ttl_ms);
    CHECK(node.host.find_queue("q.after")->policies().user->name == "p");

    CHECK_FALSE(*node.put(ttl("p", 200)));
    CHECK(node.options("q.before").message_ttl_ms == 200);
    CHECK(*node.put(ttl("higher", 300, 1)));
    CHECK(node.options("q.before").message_ttl_ms == 300);
    CHECK(*node.remove("higher"));
    CHECK(node.options("q.before").message_ttl_ms == 200);
    CHECK(*node.remove("p"));
    CHECK_FALSE(*node.remove("p"));
    CHECK_FALSE(node.options("q.before").message_ttl_ms);
    CHECK(node.host.find_queue("q.before")->policies() == AppliedPolicies{});
    port.close();
}

TEST_CASE("policies: more queues than one slice are all looked at", "[core][policy]") {
    Node node;
    RecordingPort port(node.host);
    port.open();
    for (int i = 0; i < 300; ++i) {
        port.send(queue("q" + std::to_string(i)));
    }
    CHECK(*node.put(ttl("p", 100)));
    for (const auto& [queue_name, each] : node.host.queues()) {
        CAPTURE(queue_name);
        REQUIRE(each->options().message_ttl_ms == 100);
    }
    port.close();
}

TEST_CASE("policies: an operator policy lowers what an argument says", "[core][policy]") {
    Node node;
    RecordingPort port(node.host);
    port.open();
    port.send(queue("q", {{"x-max-length", 10}}));
    CHECK(*node.put({"op", "", ApplyTo::queues, 0, {{"max-length", 2}}}, PolicyKind::operators));
    CHECK(node.options("q").max_length == 2);
    CHECK(*node.remove("op", PolicyKind::operators));
    CHECK(node.options("q").max_length == 10);
    port.close();
}

TEST_CASE("policies: an alternate exchange by policy takes what has nowhere to go, at once",
          "[core][policy][alternate]") {
    Node node;
    RecordingPort port(node.host);
    port.open();
    DeclareExchange alternate{"ae", "fanout", false, true, false, false, {}},
        main{"main", "direct", false, true, false, false, {}};
    port.send(std::move(alternate), std::move(main), queue("q"), BindQueue{"q", "ae", "", {}, false});
    const auto publish = [&](std::string_view exchange) {
        port.send(Command{
            1, Publish{amqp::Message::make(exchange, "nowhere", std::string_view("\0\0", 2), "x"), nullptr, 0, false}});
        return node.host.find_queue("q")->ready();
    };
    CHECK(publish("main") == 0);
    CHECK(*node.put({"ae", "", ApplyTo::all, 0, {{"alternate-exchange", "ae"}}}));
    CHECK(publish("main") == 1);
    CHECK(publish("") == 1); // the default exchange has none
    CHECK(*node.remove("ae"));
    CHECK(publish("main") == 1);
    port.close();
}

TEST_CASE("policies: settings are there after a restart, and apply", "[core][policy]") {
    auto disk = std::make_shared<storage::MemoryDisk>();
    {
        Node node(disk);
        RecordingPort port(node.host);
        port.open();
        port.send(queue("q"));
        CHECK(*node.put(ttl("p", 100, -7)));
        CHECK(*node.put({"op", "^q", ApplyTo::queues, 0, {{"expires", 5'000}}}, PolicyKind::operators));
        CHECK(*node.limit("max-connections", 3));
        CHECK(*node.change([](VirtualHostSettings& settings, storage::Batch& batch) {
            return settings.put_parameter("shovel", "s", R"({"src-uri":"amqp://"})", batch);
        }));
        port.close();
    }
    Node node(disk);
    CHECK(node.options("q").message_ttl_ms == 100);
    CHECK(node.options("q").expires_ms == 5'000);
    CHECK(node.host.settings().policies().user.find("p")->priority == -7);
    CHECK(node.host.max_connections() == 3);
    CHECK(node.host.settings().parameters().at({"shovel", "s"}) == R"({"src-uri":"amqp://"})");
    CHECK(*node.remove("p"));
    Node again(disk);
    CHECK_FALSE(again.options("q").message_ttl_ms);
}

TEST_CASE("policies: a refused policy changes nothing", "[core][policy]") {
    Node node;
    CHECK(*node.put(ttl("p", 100)));
    CHECK(node.put({"p", "(", ApplyTo::queues, 0, {{"message-ttl", 1}}}).has_error());
    CHECK(node.put({"p", "", ApplyTo::queues, 0, {{"message-ttl", -1}}}).has_error());
    CHECK(node.host.settings().policies().user.find("p")->definition ==
          amqp::FieldTable{{"message-ttl", std::int64_t{100}}});
}

TEST_CASE("limits: max-queues refuses one more queue, zero all, a negative one none", "[core][limits]") {
    Node node;
    RecordingPort port(node.host);
    port.open();
    CHECK(*node.limit("max-queues", 1));
    CHECK(port.ask(queue("a")) == Lines{"declared a 0/0"});
    CHECK(port.ask(queue("a")) == Lines{"declared a 0/0"});
    CHECK(port.ask(queue("b")) ==
          Lines{"failed 406 PRECONDITION_FAILED - cannot declare queue 'b': queue limit in vhost '/' (1) is reached"});
    CHECK_FALSE(*node.limit("max-queues", -1));
    CHECK(node.limit("max-unicorns", 1).has_error());
    port.open(2);
    CHECK(port.ask(on_channel(2, queue("b"))).size() == 1);
    CHECK(node.host.find_queue("b") != nullptr);
    CHECK(*node.limit("max-connections", 0));
    CHECK(node.host.max_connections() == 0);
    port.close();
}

TEST_CASE("default queue type: the virtual host's counts where it fits", "[core][C7]") {
    Node node;
    auto record = node.host.record();
    record.default_queue_type = "quorum";
    node.host.set_record(record);
    RecordingPort port(node.host);
    port.open();
    DeclareQueue transient = queue("transient"), exclusive = queue("exclusive"), aside = queue("aside");
    transient.durable = false;
    aside.of_default_type = false;
    exclusive.exclusive = true;
    port.send(queue("durable"), std::move(transient), std::move(exclusive),
              queue("told", {{"x-queue-type", "classic"}}), std::move(aside));
    CHECK(node.options("durable").type == QueueType::quorum);
    CHECK(node.options("transient").type == QueueType::classic);
    CHECK(node.options("exclusive").type == QueueType::classic);
    CHECK(node.options("told").type == QueueType::classic);
    CHECK(node.options("aside").type == QueueType::classic);
    CHECK(*node.host.find_queue("durable")->definition().arguments.find("x-queue-type") == amqp::FieldValue("quorum"));
    CHECK(port.ask(queue("durable")).size() == 6); // declared again, after those five
    port.close();
}

namespace {

struct OkTopics final : TopicGuard {
    static amqp::Result<> check(std::string_view key) {
        return key.starts_with("ok") ? amqp::Result<>() : amqp::access_refused("no topic " + std::string(key));
    }
    amqp::Result<> check_write(std::string_view, std::string_view key) const override { return check(key); }
    amqp::Result<> check_read(std::string_view, std::string_view key) const override { return check(key); }
};

Lines with_topics_restricted(Command command) {
    Node node;
    RecordingPort port(node.host);
    port.open();
    port.send(queue("q"));
    port.take();
    Command restrict = to_command(RestrictTopics{std::make_shared<OkTopics>()});
    port.send(std::move(restrict), std::move(command));
    Lines lines = port.take();
    port.close();
    return lines;
}

} // namespace

TEST_CASE("topic guard: every routing key of a publish to a topic exchange is asked", "[core][C5]") {
    CHECK(with_topics_restricted(publish("amq.topic", "ok.1", "x")).empty());
    CHECK(with_topics_restricted(publish("amq.topic", "no.1", "x")) ==
          Lines{"failed 403 ACCESS_REFUSED - no topic no.1"});
    CHECK(with_topics_restricted(publish("amq.topic", "ok.1", "x", {.extra_keys = {"ok.2", "no.2"}})) ==
          Lines{"failed 403 ACCESS_REFUSED - no topic no.2"});
    CHECK(with_topics_restricted(publish("amq.direct", "no.1", "x")).empty());
}

TEST_CASE("topic guard: binding and unbinding read the key", "[core][C5]") {
    for (const bool unbind : {false, true}) {
        CHECK(with_topics_restricted(to_command(BindQueue{"q", "amq.topic", "no", {}, unbind})) ==
              Lines{"failed 403 ACCESS_REFUSED - no topic no"});
        CHECK(with_topics_restricted(to_command(BindQueue{"q", "amq.topic", "ok", {}, unbind})).size() == 1);
        CHECK(with_topics_restricted(to_command(BindQueue{"q", "amq.direct", "no", {}, unbind})).size() == 1);
    }
}

TEST_CASE("topic guard: a route that was remembered is asked again", "[core][C5]") {
    Node node;
    RecordingPort port(node.host);
    port.open();
    CHECK(port.ask(publish("amq.topic", "no.1", "x")).empty());
    CHECK(port.ask(RestrictTopics{std::make_shared<OkTopics>()}, publish("amq.topic", "no.1", "x")).size() == 1);
    port.close();
}
