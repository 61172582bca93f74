// x-recent-history: a fanout that remembers.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

struct History {
    explicit History(amqp::FieldTable arguments = {}) {
        port.open();
        port.ask(declare_exchange("h", "x-recent-history", {.arguments = std::move(arguments)}), declare_queue("a"),
                 declare_queue("b"));
    }
    Lines replayed(const std::string& queue) {
        Lines result;
        for (std::uint64_t left = world.ready(queue); left > 0; --left) {
            const std::string line = port.ask(get(queue, {.no_ack = true})).front();
            result.push_back(line.substr(8, line.rfind('\'') - 8));
        }
        return result;
    }
    World world;
    RecordingPort port{world.host};
};

} // namespace

TEST_CASE("recent history: a queue gets the last messages when it is bound, the oldest first, once",
          "[core][history]") {
    History test({{"x-recent-history-length", 3}});
    test.port.ask(bind_queue("a", "h"));
    for (const char* body : {"1", "2", "3", "4"}) {
        test.port.ask(publish("h", "any", body));
    }
    CHECK(test.replayed("a") == Lines{"1", "2", "3", "4"}); // as they came
    test.port.ask(bind_queue("b", "h", "key"));
    CHECK(test.replayed("b") == Lines{"2", "3", "4"});
    test.port.ask(bind_queue("b", "h", "key")); // is bound already
    CHECK(test.replayed("b").empty());
    CHECK(test.replayed("a").empty());
}

TEST_CASE("recent history: twenty messages unless told otherwise", "[core][history]") {
    History test;
    for (int i = 0; i < 50; ++i) {
        test.port.ask(publish("h", "", std::to_string(i)));
    }
    test.port.ask(bind_queue("a", "h"));
    const Lines replayed = test.replayed("a");
    REQUIRE(replayed.size() == 20);
    CHECK(replayed.front() == "30");
    CHECK(replayed.back() == "49");
}

TEST_CASE("recent history: x-recent-history-no-store routes without being remembered", "[core][history]") {
    History test;
    test.port.ask(bind_queue("a", "h"));
    test.port.ask(publish("h", "", "kept", {.headers = {{"x-recent-history-no-store", false}}}),
                  publish("h", "", "not kept", {.headers = {{"x-recent-history-no-store", true}}}));
    CHECK(test.replayed("a") == Lines{"kept", "not kept"});
    test.port.ask(bind_queue("b", "h"));
    CHECK(test.replayed("b") == Lines{"kept"});
}

TEST_CASE("recent history: an exchange that is bound routes it on", "[core][history]") {
    History test;
    test.port.ask(declare_exchange("d", "direct"), bind_queue("a", "d", "x"), bind_queue("b", "d", "y"));
    test.port.ask(publish("h", "x", "1"), publish("h", "y", "2"));
    test.port.ask(bind_exchange("d", "h"));
    CHECK(test.replayed("a") == Lines{"1"});
    CHECK(test.replayed("b") == Lines{"2"});
}

TEST_CASE("recent history: all histories of a virtual host share one budget", "[core][history]") {
    MemoryBudget memory(10'000);
    RecentHistory first({{"x-recent-history-length", std::int64_t{1'000'000'000'000}}}, memory);
    const auto message = make_message("h", "", std::string(3'000, 'x'));
    for (int i = 0; i < 10; ++i) {
        first.add(message);
    }
    CHECK(first.messages().size() == 3);
    {
        RecentHistory second({}, memory);
        second.add(message); // nothing of its own to forget
        CHECK(second.messages().empty());
        second.add(make_message("h", "", "small"));
        CHECK(second.messages().size() == 1);
        CHECK(memory.used() <= 10'000);
    }
    first.add(make_message("h", "", std::string(20'000, 'x')));
    CHECK(first.messages().empty()); // it made room in vain
    CHECK(memory.used() == 0);
}

TEST_CASE("recent history: an exchange that is bound later routes by CC and BCC, too", "[core][history][C29]") {
    History test;
    test.port.ask(declare_exchange("d", "direct"), bind_queue("a", "d", "copy"),
                  publish("h", "key", "1", {.extra_keys = {"copy"}}), bind_exchange("d", "h"));
    CHECK(test.replayed("a") == Lines{"1"});
}
