// x-delayed-message: arguments and header of the well-known plugin.
#include "broker/core/delay.hpp"
#include "broker/core/message_content.hpp"
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

// A durable delayed exchange "later" that routes as a direct one, and a durable queue "q" bound with "k".
struct Delayed {
    explicit Delayed(std::shared_ptr<storage::MemoryDisk> disk = std::make_shared<storage::MemoryDisk>(),
                     bool fresh = true)
        : world(World::Completions::immediate, std::move(disk)) {
        port.open();
        if (fresh) {
            port.ask(declare_exchange("later", "x-delayed-message",
                                      {.durable = true, .arguments = {{"x-delayed-type", "direct"}}}),
                     declare_queue("q", {.durable = true}), declare_queue("other", {.durable = true}),
                     bind_queue("q", "later", "k"), bind_queue("other", "later", "k2"));
        }
    }
    Lines publish_delayed(std::string body, amqp::FieldValue delay, PublishOptions options = {}) {
        options.headers.set("x-delay", std::move(delay));
        return port.ask(publish("later", "k", body, options));
    }
    Lines bodies(const std::string& queue) {
        Lines result;
        while (world.ready(queue) > 0) {
            const Lines got = port.ask(get(queue, {.no_ack = true}));
            result.insert(result.end(), got.begin(), got.end());
        }
        return result;
    }
    World world;
    RecordingPort port{world.host};
};

std::string refusal(const amqp::FieldValue& value) {
    const auto delay = delay_of(&value);
    return delay.has_error() ? delay.error().reply_text() : "";
}

std::int64_t delay_ms(const amqp::FieldValue& value) {
    const auto delay = delay_of(&value);
    REQUIRE(delay.has_value());
    return *delay ? (*delay)->ms : 0;
}

} // namespace

TEST_CASE("x-delay: integers and their texts, nothing else, ten years at most", "[core][delayed]") {
    CHECK(delay_ms(std::int32_t{5'000}) == 5'000);
    CHECK(delay_ms(std::int8_t{5}) == 5);
    CHECK(delay_ms(std::uint32_t{4'294'967'295}) == 4'294'967'295);
    CHECK(delay_ms(std::int64_t{4'294'967'296}) == 4'294'967'296); // the plugin's end
    CHECK(delay_ms(max_delay_ms) == max_delay_ms);
    CHECK(delay_ms("5000") == 5'000);
    for (const amqp::FieldValue& value :
         {amqp::FieldValue(0), amqp::FieldValue(-5), amqp::FieldValue("-5"), amqp::FieldValue("5s"),
          amqp::FieldValue(""), amqp::FieldValue(1.5), amqp::FieldValue(true), amqp::FieldValue(amqp::Void{}),
          amqp::FieldValue("-99999999999999999999")}) {
        INFO(value.to_text());
        CHECK(delay_ms(value) == 0);
    }
    const std::string text =
        "PRECONDITION_FAILED - invalid x-delay '315360000001': must not exceed 315360000000 ms (ten years)";
    CHECK(refusal(max_delay_ms + 1) == text);
    CHECK(refusal("315360000001") == text);
    CHECK_FALSE(refusal("99999999999999999999").empty());
    CHECK((*delay_of(nullptr)).has_value() == false);
}

TEST_CASE("x-delay: the receiver sees it negated, of its type", "[core][delayed]") {
    struct Row {
        amqp::FieldValue delay, seen;
    };
    const Row rows[] = {
        {std::int32_t{5'000}, std::int32_t{-5'000}},
        {std::int64_t{5}, std::int64_t{-5}},
        {std::int16_t{5}, std::int16_t{-5}},
        {std::uint32_t{5}, std::int64_t{-5}},
        {"5000", std::int32_t{-5'000}},
        {"5000000000", std::int64_t{-5'000'000'000}},
    };
    for (const Row& row : rows) {
        const auto message = make_message("x", "k", "m", {.headers = {{"a", 1}, {"x-delay", row.delay}, {"z", 2}}});
        const auto waiting = waiting_message(*message, **delay_of(&row.delay), nullptr);
        MessageContent content(*waiting);
        CHECK(*content.headers() == amqp::FieldTable{{"a", 1}, {"x-delay", row.seen}, {"z", 2}});
        CHECK(waiting->body() == "m");
    }
}

TEST_CASE("delayed exchange: a message arrives when its time has come, not before", "[core][delayed]") {
    Delayed test;
    test.publish_delayed("late", 5'000);
    test.publish_delayed("early", "1000");
    test.publish_delayed("now", 0);
    CHECK(test.bodies("q") == Lines{"get-ok 'now' left 0"});
    test.world.pass(999);
    CHECK(test.world.ready("q") == 0);
    test.world.pass(1);
    CHECK(test.bodies("q") == Lines{"get-ok 'early' left 0"});
    test.world.pass(3'999);
    CHECK(test.world.ready("q") == 0);
    test.world.pass(1);
    CHECK(test.bodies("q") == Lines{"get-ok 'late' left 0"});
}

TEST_CASE("delayed exchange: persistent messages wait in the store and are confirmed when there", "[core][delayed]") {
    Delayed test;
    const storage::QueueId kept = test.world.host.find_exchange("later")->parts.kept_queue;
    test.world.store.set_completions(World::Completions::manual);
    CHECK(test.publish_delayed("1", 100, {.confirm = 1, .persistent = true}).empty());
    CHECK(test.publish_delayed("2", 100, {.confirm = 2}) == Lines{"confirmed 2"});
    CHECK(test.world.store.messages(kept).size() == 1);
    test.world.store.set_completions(World::Completions::immediate);
    CHECK(test.port.take() == Lines{"confirmed 1"});
    test.world.pass(100);
    CHECK(test.bodies("q") == Lines{"get-ok '1' left 1", "get-ok '2' left 0"});
    CHECK(test.world.store.messages(kept).empty());
}

TEST_CASE("delayed exchange: what waits survives a restart, still to its time", "[core][delayed]") {
    auto disk = std::make_shared<storage::MemoryDisk>();
    std::int64_t start = 0;
    {
        Delayed test(disk);
        start = test.world.clock.now_ms();
        for (int i = 0; i < 10'000; ++i) {
            test.publish_delayed(std::to_string(i), 10'000 - i, {.persistent = true});
        }
        test.publish_delayed("transient", 10, {});
    }
    Delayed test(disk, false);
    REQUIRE(test.world.clock.now_ms() == start);
    CHECK(test.world.host.find_exchange("later")->parts.delayed->messages.size() == 10'000);
    test.world.pass(3);
    CHECK(test.bodies("q") == Lines{"get-ok '9999' left 2", "get-ok '9998' left 1", "get-ok '9997' left 0"});
    test.publish_delayed("new", 20'000, {.persistent = true}); // its place collides with nothing
    test.world.pass(30'000);
    CHECK(test.world.ready("q") == 9'998);
    CHECK(test.world.stored("q").size() == 9'998);
}

TEST_CASE("delayed exchange: mandatory does not come back, what is not delayed does", "[core][delayed]") {
    Delayed test;
    PublishOptions options{.mandatory = true};
    CHECK(test.port.ask(publish("later", "nowhere", "1", options)) == Lines{"returned '1'"});
    options.headers.set("x-delay", 100);
    CHECK(test.port.ask(publish("later", "nowhere", "2", options)).empty());
    test.world.pass(100);
    CHECK(test.port.take().empty());
}

TEST_CASE("delayed exchange: CC and BCC wait with the message and nobody sees how", "[core][delayed]") {
    Delayed test;
    PublishOptions options{.persistent = true, .headers = {{"x-delay", 100}}, .extra_keys = {"k2"}};
    test.port.ask(publish("later", "nowhere", "m", options));
    test.world.pass(100);
    REQUIRE(test.world.ready("other") == 1);
    CHECK(test.world.ready("q") == 0);
    const auto arrived =
        test.world.store.messages(test.world.host.find_queue("other")->definition().id).front().message;
    MessageContent content(*arrived);
    CHECK(*content.headers() == amqp::FieldTable{{"x-delay", -100}});
}

TEST_CASE("delayed exchange: exchanges bound before and behind it, and its alternate", "[core][delayed]") {
    Delayed test;
    test.port.ask(declare_exchange("first", "fanout"), bind_exchange("later", "first"),
                  declare_exchange("again", "x-delayed-message", {.arguments = {{"x-delayed-type", "fanout"}}}),
                  bind_exchange("again", "later", "k"), declare_queue("far"), bind_queue("far", "again"));
    test.port.ask(publish("first", "k", "m", {.headers = {{"x-delay", 100}}}));
    CHECK(test.world.ready("q") == 0);
    test.world.pass(100);
    CHECK(test.world.ready("q") == 1);
    CHECK(test.world.ready("far") == 1); // delayed once only
}

TEST_CASE("delayed exchange: too long a delay closes the channel", "[core][delayed]") {
    Delayed test;
    CHECK(test.publish_delayed("m", std::int64_t{315'360'000'001}) ==
          Lines{"failed 406 PRECONDITION_FAILED - invalid x-delay '315360000001': must not exceed 315360000000 ms (ten "
                "years)"});
}

TEST_CASE("delayed exchange: deleting it deletes what waits in it", "[core][delayed]") {
    Delayed test;
    const storage::QueueId kept = test.world.host.find_exchange("later")->parts.kept_queue;
    test.publish_delayed("1", 100, {.persistent = true});
    test.publish_delayed("2", 100);
    test.port.ask(DeleteExchange{"later", false});
    CHECK(test.world.store.messages(kept).empty());
    test.world.pass(1'000);
    CHECK(test.world.ready("q") == 0);
}

TEST_CASE("delayed exchange: many due at once leave in order, in several batches", "[core][delayed]") {
    Delayed test;
    for (int i = 0; i < 1'000; ++i) {
        test.publish_delayed(std::to_string(i), 1'000 + (i * 7'919) % 1'000, {.persistent = i % 2 == 0});
    }
    test.world.clock.advance(5'000);
    test.world.pass(0);
    Lines expected(1'000);
    for (int i = 0; i < 1'000; ++i) {
        const int place = (i * 7'919) % 1'000;
        expected[static_cast<std::size_t>(place)] =
            "get-ok '" + std::to_string(i) + "' left " + std::to_string(999 - place);
    }
    CHECK(test.bodies("q") == expected);
}

TEST_CASE("x-delayed-message: a waiting message is read, cancelled and fired", "[core][delayed]") {
    const bool persistent = GENERATE(false, true);
    CAPTURE(persistent);
    Delayed test;
    test.publish_delayed("a", 1'000, {.persistent = persistent});
    test.publish_delayed("b", 2'000, {.persistent = persistent});
    VirtualHost& host = test.world.host;
    REQUIRE(host.delayed_messages("later")->waiting().size() == 2);
    CHECK(host.delayed_messages("amq.topic") == nullptr);
    std::vector<std::pair<std::string, storage::Sequence>> found;
    for (const auto& waiting : host.delayed_messages("later")->waiting()) {
        host.run([&](VirtualHost& on_it) {
            on_it.read_waiting("later", waiting.id, [&](const amqp::MessagePtr& message) {
                found.emplace_back(message->body(), waiting.id);
            });
        });
    }
    std::sort(found.begin(), found.end());
    REQUIRE(found.size() == 2);
    CHECK(found[0].first == "a");

    std::vector<bool> cancelled;
    const auto cancel = [&] {
        host.run([&](VirtualHost& on_it) {
            on_it.cancel_waiting("later", found[0].second, [&](bool was_there) { cancelled.push_back(was_there); });
        });
    };
    cancel();
    cancel();
    CHECK(cancelled == std::vector<bool>{true, false});
    host.run([&](VirtualHost& on_it) { CHECK(on_it.fire_waiting("later", found[1].second)); });
    host.run([&](VirtualHost& on_it) { CHECK_FALSE(on_it.fire_waiting("later", 12'345)); });
    test.world.pass(1);
    CHECK(test.world.ready("q") == 1);
    test.world.pass(5'000);
    CHECK(test.bodies("q").size() == 1);
}

TEST_CASE("x-delayed-message: a message that was cancelled does not come back after a restart", "[core][delayed]") {
    const auto disk = std::make_shared<storage::MemoryDisk>();
    {
        Delayed test(disk);
        test.publish_delayed("a", 1'000, {.persistent = true});
        const storage::Sequence id = test.world.host.delayed_messages("later")->waiting().front().id;
        test.world.host.run([&](VirtualHost& on_it) { on_it.cancel_waiting("later", id, [](bool) {}); });
    }
    Delayed again(disk, false);
    again.world.pass(10'000);
    CHECK(again.world.ready("q") == 0);
    CHECK(again.world.host.delayed_messages("later")->waiting().empty());
}
