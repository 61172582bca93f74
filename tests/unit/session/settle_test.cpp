#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;
using namespace amqp::basic;

namespace {

// Channel 1 with consumer "c", which holds deliveries 1..count with sequences 101..
struct Holding {
    explicit Holding(int count) {
        test.open().open_channel();
        consumer = test.consume(1, "q", "c");
        for (int i = 1; i <= count; ++i) {
            test.events(TestSession::delivery(consumer, 100 + static_cast<storage::Sequence>(i)));
        }
        test.sent_bytes();
    }
    TestSession test;
    broker::ConsumerPtr consumer;
};

} // namespace

TEST_CASE("basic.ack: single, multiple and all", "[session][settle][C21]") {
    Holding holding(6);
    TestSession& test = holding.test;
    test.send(1, Ack{.delivery_tag = 2});
    CHECK(test.commands() == Lines{"1 settle{c 102+1 5 octets}"});
    test.send(1, Ack{.delivery_tag = 4, .multiple = true});
    CHECK(test.commands() == Lines{"1 settle{c 101+1 5 octets}", "1 settle{c 103+2 10 octets}"});
    test.send(1, Ack{.delivery_tag = 0, .multiple = true});
    CHECK(test.commands() == Lines{"1 settle{c 105+2 10 octets}"});
    test.send(1, Ack{.delivery_tag = 0, .multiple = true}); // none left is no mistake
    CHECK(test.commands().empty());
    CHECK(test.session.snapshot().channels.at(0).counters.ack == 6);
}

TEST_CASE("basic.ack: those of one turn become one command", "[session][settle]") {
    Holding holding(5);
    std::string frames;
    for (amqp::DeliveryTag tag = 1; tag <= 5; ++tag) {
        frames += test::frame(1, Ack{.delivery_tag = tag});
    }
    holding.test.feed(frames);
    CHECK(holding.test.commands() == Lines{"1 settle{c 101+5 25 octets}"});
}

TEST_CASE("basic.ack: consumers that take turns have one command each", "[session][settle]") {
    TestSession test;
    test.open().open_channel();
    const auto a = test.consume(1, "q", "a");
    const auto b = test.consume(1, "r", "b");
    for (storage::Sequence i = 1; i <= 3; ++i) {
        test.events(TestSession::delivery(a, i), TestSession::delivery(b, 10 + i));
    }
    test.send(1, Ack{.delivery_tag = 6, .multiple = true});
    CHECK(test.commands() == Lines{"1 settle{a 1+3 15 octets}", "1 settle{b 11+3 15 octets}"});
}

TEST_CASE("basic.ack: only what follows each other is merged", "[session][settle]") {
    Holding holding(4);
    holding.test.feed(test::frame(1, Ack{.delivery_tag = 1}) + test::publish_frames(1, "", "q", "x") +
                      test::frame(1, Ack{.delivery_tag = 2}) + test::frame(1, Ack{.delivery_tag = 4}));
    CHECK(holding.test.commands() == Lines{"1 settle{c 101+1 5 octets}", "1 publish{/q x}",
                                           "1 settle{c 102+1 5 octets}", "1 settle{c 104+1 5 octets}"});
}

TEST_CASE("basic.ack, nack and reject: an unknown tag ends the channel", "[session][settle][C21]") {
    struct Case {
        const char* name;
        std::string frames;
        std::string command;
    };
    const Case cases[] = {
        {"never given", test::frame(1, Ack{.delivery_tag = 9}),
         "60,80 FailChannel{PRECONDITION_FAILED - unknown delivery tag 9}"},
        {"tag 0", test::frame(1, Ack{.delivery_tag = 0}),
         "60,80 FailChannel{PRECONDITION_FAILED - unknown delivery tag 0}"},
        {"multiple, never given", test::frame(1, Ack{.delivery_tag = 9, .multiple = true}),
         "60,80 FailChannel{PRECONDITION_FAILED - unknown delivery tag 9}"},
        {"nack", test::frame(1, Nack{.delivery_tag = 9, .multiple = true}),
         "60,120 FailChannel{PRECONDITION_FAILED - unknown delivery tag 9}"},
        {"reject", test::frame(1, Reject{.delivery_tag = 9}),
         "60,90 FailChannel{PRECONDITION_FAILED - unknown delivery tag 9}"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.name);
        Holding holding(2);
        holding.test.feed(each.frames);
        CHECK(holding.test.commands() == Lines{"1 " + each.command});
    }
}

TEST_CASE("basic.ack: twice ends the channel, also when older ones are outstanding", "[session][settle][C21]") {
    for (const bool multiple : {false, true}) {
        Holding holding(2);
        holding.test.send(1, Ack{.delivery_tag = 2});
        holding.test.commands();
        holding.test.send(1, Ack{.delivery_tag = 2, .multiple = multiple});
        CHECK(holding.test.commands() == Lines{"1 60,80 FailChannel{PRECONDITION_FAILED - unknown delivery tag 2}"});
        // What came before the mistake is still accounted for.
        holding.test.channel_failed(amqp::precondition_failed("unknown delivery tag 2"), Ack::id);
        CHECK(holding.test.commands() == Lines{"1 return{c requeue 101}", "1 FinishChannel"});
    }
}

TEST_CASE("basic.ack: a delivery without acknowledgement has no tag to acknowledge", "[session][settle][C21]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c", true);
    test.events(TestSession::delivery(consumer, 1));
    test.send(1, Ack{.delivery_tag = 1});
    CHECK(test.commands() == Lines{"1 60,80 FailChannel{PRECONDITION_FAILED - unknown delivery tag 1}"});
}

TEST_CASE("basic.nack and reject: requeue or discard", "[session][settle][C21]") {
    Holding holding(7);
    TestSession& test = holding.test;
    test.send(1, Reject{.delivery_tag = 1, .requeue = true});
    test.send(1, Reject{.delivery_tag = 2});
    test.send(1, Nack{.delivery_tag = 4, .multiple = true, .requeue = true});
    test.send(1, Nack{.delivery_tag = 6});
    test.send(1, Nack{.delivery_tag = 0, .multiple = true});
    CHECK(test.commands() == Lines{"1 return{c requeue 101}", "1 return{c discard 102}", "1 return{c requeue 103 104}",
                                   "1 return{c discard 106}", "1 return{c discard 105 107}"});
}

TEST_CASE("basic.recover: everything goes back, grouped by consumer and in rising sequence", "[session][settle][C22]") {
    TestSession test;
    test.open().open_channel();
    const auto a = test.consume(1, "q", "a");
    const auto b = test.consume(1, "r", "b");
    test.events(TestSession::delivery(b, 9), TestSession::delivery(a, 5), TestSession::delivery(a, 3, "x", true),
                TestSession::delivery(b, 10));
    test.sent_bytes();
    test.send(1, Recover{true});
    CHECK(test.commands() == Lines{"1 return{b requeue 9 10}", "1 return{a requeue 3 5}", "1 60,110 Echo{60,111}"});
    test.done<RecoverOk>(1);
    CHECK(test.sent() == Lines{"1 basic.recover-ok{}"});
    test.send(1, RecoverAsync{true});
    CHECK(test.commands().empty());
}

TEST_CASE("basic.recover: nothing but requeueing is implemented", "[session][settle][C22]") {
    for (const bool asynchronous : {false, true}) {
        Holding holding(1);
        if (asynchronous) {
            holding.test.send(1, RecoverAsync{false});
        } else {
            holding.test.send(1, Recover{false});
        }
        const Lines commands = holding.test.commands();
        REQUIRE(commands.size() == 1);
        CHECK_THAT(commands[0], Catch::EndsWith("FailConnection{NOT_IMPLEMENTED - requeue=false}"));
    }
}
