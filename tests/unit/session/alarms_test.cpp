// Memory and disk alarms as a session treats them [L2, L3, L3a].
#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using namespace amqp;
using broker::Alarms;
using test::Lines;
using test::TestSession;
using namespace std::chrono_literals;

namespace {

constexpr Alarms memory{.memory = true};

std::string publish(std::string_view body) {
    return test::frame(1, basic::Publish{.routing_key = {"q"}}) + test::header_frame(1, {}, body.size()) +
           (body.empty() ? std::string() : test::body_frame(1, body));
}

void set_alarms(TestSession& test, const Alarms& alarms) {
    test.session.on_alarms(alarms, test.now);
}

std::size_t publishes(TestSession& test) {
    return test.commands().size();
}

} // namespace

TEST_CASE("alarms: the first publish makes blocking blocked, and the client is told once", "[session][alarms][L2]") {
    TestSession test;
    test.open().open_channel();
    CHECK(test.session.snapshot().state == "running");
    set_alarms(test, memory);
    CHECK(test.session.snapshot().state == "blocking");
    CHECK(test.sent() == Lines{});

    test.feed(publish("a"));
    CHECK(publishes(test) == 1); // it had been read
    CHECK(test.session.snapshot().state == "blocked");
    CHECK(test.sent() == Lines{"0 connection.blocked{reason=low on memory}"});
    set_alarms(test, {.memory = true, .disk = true});
    CHECK(test.sent() == Lines{});

    set_alarms(test, {});
    CHECK(test.sent() == Lines{"0 connection.unblocked{}"});
    CHECK(test.session.snapshot().state == "running");
    test.feed(publish("b"));
    CHECK(publishes(test) == 1);
    CHECK(test.sent() == Lines{});
}

TEST_CASE("alarms: the reason names what is short", "[session][alarms][L2]") {
    struct Row {
        Alarms alarms;
        std::string_view reason;
    };
    const Row rows[] = {{{.memory = true}, "low on memory"},
                        {{.disk = true}, "low on disk"},
                        {{.memory = true, .disk = true}, "low on memory & disk"}};
    for (const Row& row : rows) {
        TestSession test;
        test.open().open_channel();
        set_alarms(test, row.alarms);
        test.feed(publish("a"));
        CHECK(test.sent() == Lines{"0 connection.blocked{reason=" + std::string(row.reason) + "}"});
    }
}

TEST_CASE("alarms: publishes after that wait, with all that is behind them", "[session][alarms][L2][L3]") {
    TestSession test;
    test.open().open_channel();
    set_alarms(test, memory);
    test.feed(publish("a") + publish("b")); // one read
    CHECK(publishes(test) == 2);
    REQUIRE(test.session.wants_input());
    test.feed(publish("c") + test::frame(1, queue::Declare{.queue = {"d"}}));
    CHECK(publishes(test) == 0);
    CHECK_FALSE(test.session.wants_input());
    CHECK(test.unread() > 0);

    set_alarms(test, {});
    REQUIRE(test.session.wants_input());
    test.feed("");
    CHECK(publishes(test) == 2);
    CHECK(test.unread() == 0);
}

TEST_CASE("alarms: a client that stops publishing may settle and close", "[session][alarms][L2]") {
    TestSession test;
    test.open().open_channel();
    const broker::ConsumerPtr consumer = test.consume(1, "q", "c");
    test.events(TestSession::delivery(consumer, 7, "a"));
    set_alarms(test, memory);
    test.feed(publish("a"));
    CHECK(publishes(test) == 1);
    test.send(1, basic::Ack{.delivery_tag = 1});
    CHECK(publishes(test) == 1);
    test.send(0, connection::Close{200, {"bye"}, 0, 0});
    CHECK_FALSE(test.commands().empty());
    CHECK(test.unread() == 0);
}

TEST_CASE("alarms: who only consumes is never blocked", "[session][alarms][L2]") {
    TestSession test;
    test.open().open_channel();
    set_alarms(test, memory);
    const broker::ConsumerPtr consumer = test.consume(1, "q", "c");
    test.events(TestSession::delivery(consumer, 7, "a"));
    test.send(1, basic::Ack{.delivery_tag = 1});
    CHECK(test.session.snapshot().state == "blocking");
    set_alarms(test, {});
    CHECK(test.session.snapshot().state == "running");
    for (const std::string& line : test.sent()) {
        CHECK(line.find("connection.") == std::string::npos);
    }
}

TEST_CASE("alarms: a connection opened during one is blocking from the start", "[session][alarms][L3a]") {
    TestSession test;
    set_alarms(test, memory);
    test.open().open_channel();
    CHECK(test.session.snapshot().state == "blocking");
    test.feed(publish(""));
    CHECK(test.session.snapshot().state == "blocked");
}

TEST_CASE("alarms: without the capability the client is blocked, but not told", "[session][alarms][L2][P8]") {
    TestSession test;
    test.open({2047, 131'072, 60}, {}).open_channel();
    set_alarms(test, memory);
    test.feed(publish("a"));
    test.feed(publish("b"));
    CHECK(publishes(test) == 1);
    CHECK(test.session.snapshot().state == "blocked");
    set_alarms(test, {});
    test.feed("");
    CHECK(publishes(test) == 1);
    CHECK(test.sent() == Lines{});
}

TEST_CASE("alarms: a content that has begun is read to its end", "[session][alarms][L3a]") {
    TestSession test;
    test.open().open_channel();
    const std::string whole = publish("abc");
    test.feed(whole.substr(0, whole.size() - 4));
    set_alarms(test, memory);
    test.feed(whole.substr(whole.size() - 4));
    CHECK(publishes(test) == 1);
    CHECK(test.session.snapshot().state == "blocking");
}

TEST_CASE("alarms: while input waits the peer's silence is no silence", "[session][alarms][L3][H5]") {
    const bool holds = GENERATE(true, false);
    TestSession test;
    test.open({2047, 131'072, 10}).open_channel();
    set_alarms(test, memory);
    test.feed(publish("a"));
    if (holds) {
        test.feed(publish("b"));
    }
    for (int i = 0; i < 10; ++i) {
        test.tick(10s);
    }
    CHECK(test.transport.closes.empty() == holds);
    if (holds) {
        set_alarms(test, {});
        test.feed("");
        for (int i = 0; i < 4; ++i) {
            test.tick(10s);
        }
        CHECK(test.transport.closes.size() == 1);
    }
}

TEST_CASE("alarms: a connection that is closed by the broker reads on for the answer", "[session][alarms][L3]") {
    TestSession test;
    test.open().open_channel();
    set_alarms(test, memory);
    test.feed(publish("a"));
    test.feed(publish("b") + test::frame(0, connection::CloseOk{}));
    REQUIRE_FALSE(test.session.wants_input());
    test.connection_failed(make_error(ReplyCode::connection_forced, "shutdown"));
    REQUIRE(test.session.wants_input());
    test.feed("");
    CHECK(test.unread() == 0);
    CHECK(test.transport.closes.size() == 1);
}
