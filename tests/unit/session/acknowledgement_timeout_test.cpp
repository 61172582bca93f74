// Deliveries that are not acknowledged in time. The clock is the test's.
#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;
using namespace amqp::basic;
using namespace std::chrono_literals;

namespace {

std::string timed_out(std::int64_t timeout_ms, int channel = 1) {
    const std::string number = std::to_string(channel);
    return number + " FailChannel{PRECONDITION_FAILED - delivery acknowledgement on channel " + number +
           " timed out. Timeout value used: " + std::to_string(timeout_ms) +
           " ms. This timeout value can be configured, see consumers doc guide to learn more}";
}

broker::SessionConfig with_timeout(std::uint32_t timeout_ms) {
    broker::SessionConfig config;
    config.heartbeat_s = 0;
    config.consumer_timeout_ms = timeout_ms;
    return config;
}

struct Holding {
    explicit Holding(std::uint32_t nodes_timeout_ms) : test(with_timeout(nodes_timeout_ms)) {
        test.open({2047, 131'072, 0}).open_channel();
        consumer = test.consume(1, "q", "c");
    }
    void deliver(storage::Sequence sequence, const broker::ConsumerPtr& to = {}) {
        test.events(TestSession::delivery(to == nullptr ? consumer : to, sequence));
    }
    Lines after(std::chrono::milliseconds time) {
        test.tick(time);
        return test.commands();
    }
    TestSession test;
    broker::ConsumerPtr consumer;
};

} // namespace

TEST_CASE("acknowledgement timeout: off by default", "[session][timeout][C33]") {
    Holding holding(broker::SessionConfig{}.consumer_timeout_ms);
    holding.deliver(1);
    CHECK(holding.after(std::chrono::hours(24)).empty());
}

TEST_CASE("acknowledgement timeout: the channel fails when its oldest delivery is too old, and gives all back",
          "[session][timeout][C33]") {
    Holding holding(5'000);
    holding.deliver(1);
    CHECK(holding.after(3s).empty());
    holding.deliver(2);
    CHECK(holding.after(2s).empty()); // exactly as old as it may be
    CHECK(holding.after(1ms) == Lines{timed_out(5'000)});
    CHECK(holding.after(10s).empty()); // once
    holding.test.sent();
    holding.test.channel_failed(amqp::precondition_failed("x"));
    CHECK(holding.test.commands() == Lines{"1 return{c requeue 1 2}", "1 FinishChannel"});
    CHECK_THAT(holding.test.sent().at(0), Catch::Contains("channel.close") && Catch::Contains("406"));
}

TEST_CASE("acknowledgement timeout: what is acknowledged in time has none", "[session][timeout][C33]") {
    Holding holding(5'000);
    holding.deliver(1);
    holding.after(3s);
    holding.deliver(2);
    holding.test.send(1, Ack{.delivery_tag = 1});
    holding.test.commands();
    CHECK(holding.after(4s).empty());
    CHECK(holding.after(2s) == Lines{timed_out(5'000)});
}

TEST_CASE("acknowledgement timeout: the queue's comes before the node's, 0 is for ever", "[session][timeout][C33]") {
    Holding holding(5'000);
    SECTION("shorter") {
        holding.consumer->timeout_ms = 1'000;
        holding.deliver(1);
        CHECK(holding.after(1'001ms) == Lines{timed_out(1'000)});
    }
    SECTION("longer") {
        holding.consumer->timeout_ms = 60'000;
        holding.deliver(1);
        CHECK(holding.after(59s).empty());
        CHECK(holding.after(2s) == Lines{timed_out(60'000)});
    }
    SECTION("for ever") {
        holding.consumer->timeout_ms = 0;
        holding.deliver(1);
        CHECK(holding.after(std::chrono::hours(24)).empty());
    }
}

TEST_CASE("acknowledgement timeout: behind a delivery without one others are still seen", "[session][timeout][C33]") {
    Holding holding(0);
    const auto impatient = holding.test.consume(1, "r", "d");
    impatient->timeout_ms = 2'000;
    holding.deliver(1);
    holding.deliver(2, impatient);
    CHECK(holding.after(1s).empty());
    SECTION("its consumer is there") {}
    SECTION("its consumer was cancelled") {
        holding.test.send(1, Cancel{.consumer_tag = {"d"}});
        holding.test.reply(1, broker::CancelOk{impatient});
        holding.test.commands();
    }
    SECTION("its queue was deleted") { holding.test.events(broker::ConsumerGone{impatient}); }
    CHECK(holding.after(1'001ms) == Lines{timed_out(2'000)});
}

TEST_CASE("acknowledgement timeout: holds for basic.get and for any channel", "[session][timeout][C33]") {
    TestSession test(with_timeout(1'000));
    test.open({2047, 131'072, 0}).open_channel(1).open_channel(2);
    test.send(2, Get{.queue = {"q"}});
    auto& boxed = std::get<std::unique_ptr<broker::BoxedRequest>>(test.transport.commands.back().what);
    const broker::ConsumerPtr consumer = std::get<broker::Get>(boxed->request).consumer;
    test.events(broker::GetOk{TestSession::delivery(consumer, 1), 0});
    test.commands();
    test.tick(1'001ms);
    CHECK(test.commands() == Lines{timed_out(1'000, 2)});
}

TEST_CASE("acknowledgement timeout: the consumer's argument is an integer, not negative", "[session][timeout][C33]") {
    struct Case {
        amqp::FieldValue value;
        std::string reason;
    };
    const std::vector<Case> cases{
        {"soon", "{unacceptable_type,longstr}"},
        {-1, "{value_negative,-1}"},
        {true, "{unacceptable_type,bool}"},
    };
    for (const Case& each : cases) {
        TestSession test;
        test.open().open_channel();
        const std::string arguments = amqp::FieldTable{{"x-consumer-timeout", each.value}}.encode();
        test.send(1, Consume{.queue = {"q"}, .arguments = {arguments}});
        CHECK(test.commands() == Lines{"1 60,20 FailChannel{PRECONDITION_FAILED - invalid arg 'x-consumer-timeout' for "
                                       "queue 'q' in vhost '/': " +
                                       each.reason + "}"});
    }
}

TEST_CASE("acknowledgement timeout: the consumer's argument goes with it", "[session][timeout][C33]") {
    TestSession test;
    test.open().open_channel();
    const std::string arguments = amqp::FieldTable{{"x-consumer-timeout", 7'000}}.encode();
    test.send(1, Consume{.queue = {"q"}, .arguments = {arguments}});
    auto& boxed = std::get<std::unique_ptr<broker::BoxedRequest>>(test.transport.commands.back().what);
    CHECK(std::get<broker::Consume>(boxed->request).consumer->options().timeout_ms == 7'000);
}
