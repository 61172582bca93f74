#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;
using namespace amqp;

TEST_CASE("confirm.select: publishes are counted from one, answers merged per batch", "[session][confirm][K1][K8]") {
    TestSession test;
    test.open().open_channel();
    test.feed(test::publish_frames(1, "", "q", "before"));
    test.send(1, confirm::Select{});
    test.send(1, confirm::Select{true}); // again, and without an answer
    for (const char* body : {"a", "b", "c", "d"}) {
        test.feed(test::publish_frames(1, "", "q", body));
    }
    CHECK(test.commands() == Lines{"1 publish{/q before}", "1 85,10 Echo{85,11}", "1 publish{/q a #1}",
                                   "1 publish{/q b #2}", "1 publish{/q c #3}", "1 publish{/q d #4}"});
    CHECK(test.session.snapshot().channels.at(0).messages_unconfirmed == 4);
    test.done<confirm::SelectOk>(1);
    test.events(broker::Confirmed{1, true, 2, 1}, broker::Confirmed{1, true, 1, 1}, broker::Confirmed{1, false, 4, 1});
    CHECK(test.sent() ==
          Lines{"1 confirm.select-ok{}", "1 basic.nack{delivery_tag=4}", "1 basic.ack{delivery_tag=2, multiple=true}"});
    const auto channel = test.session.snapshot().channels.at(0);
    CHECK(channel.confirm);
    CHECK(channel.messages_unconfirmed == 1);
    CHECK(channel.counters.confirm == 3);
}

TEST_CASE("confirm: a returned message is returned before it is confirmed", "[session][confirm][K2]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, confirm::Select{true});
    test.feed(test::publish_frames(1, "e", "k", "x"));
    test.events(broker::Returned{1, TestSession::message("x")}, broker::Confirmed{1, true, 1, 1});
    const Lines sent = test.sent();
    REQUIRE(sent.size() == 4);
    CHECK_THAT(sent[0], Catch::StartsWith("1 basic.return"));
    CHECK(sent[3] == "1 basic.ack{delivery_tag=1}");
}

TEST_CASE("confirm: channels of one batch are answered each by itself", "[session][confirm][K8]") {
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    for (const ChannelNumber number : {ChannelNumber{1}, ChannelNumber{2}}) {
        test.send(number, confirm::Select{true});
        test.feed(test::publish_frames(number, "", "q", "x") + test::publish_frames(number, "", "q", "y"));
    }
    test.events(broker::Confirmed{1, true, 1, 1}, broker::Confirmed{2, true, 1, 1}, broker::Confirmed{1, true, 2, 1},
                broker::Confirmed{2, true, 2, 1});
    CHECK(test.sent() ==
          Lines{"1 basic.ack{delivery_tag=2, multiple=true}", "2 basic.ack{delivery_tag=2, multiple=true}"});
}

TEST_CASE("tx: what waits for a commit has a limit", "[session][tx][C32][R.506]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, tx::Select{});
    test.commands();
    std::string frames = test::frame(1, basic::Publish{.routing_key = {"q"}}) + test::header_frame(1, {}, 16 << 20);
    for (int i = 0; i < 256; ++i) {
        frames += test::body_frame(1, std::string(64 << 10, 'x'));
    }
    for (int i = 0; i < 15; ++i) {
        test.feed(frames);
    }
    CHECK(test.commands() == Lines{});
    test.feed(frames); // with its envelope more than 256 MiB in all
    CHECK(test.commands() ==
          Lines{"0 60,40 FailConnection{RESOURCE_ERROR - transaction is larger than 268435456 octets}"});
}

TEST_CASE("confirm and tx exclude each other", "[session][tx][K11][C32]") {
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    test.send(1, tx::Select{});
    test.send(1, tx::Select{}); // again is fine
    test.send(1, confirm::Select{});
    test.send(2, confirm::Select{});
    test.send(2, tx::Select{});
    CHECK(test.commands() == Lines{"1 90,10 Echo{90,11}", "1 90,10 Echo{90,11}",
                                   "1 85,10 FailChannel{PRECONDITION_FAILED - cannot switch from tx to confirm mode}",
                                   "2 85,10 Echo{85,11}",
                                   "2 90,10 FailChannel{PRECONDITION_FAILED - cannot switch from confirm to tx mode}"});
}

TEST_CASE("tx: nothing to commit or roll back without tx.select", "[session][tx][C32]") {
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    test.send(1, tx::Commit{});
    test.send(2, tx::Rollback{});
    CHECK(test.commands() == Lines{"1 90,20 FailChannel{PRECONDITION_FAILED - channel is not transactional}",
                                   "2 90,30 FailChannel{PRECONDITION_FAILED - channel is not transactional}"});
}

TEST_CASE("tx.commit: publishes, then acknowledgements, then the commit", "[session][tx][C32]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c");
    for (storage::Sequence i = 1; i <= 5; ++i) {
        test.events(TestSession::delivery(consumer, i));
    }
    test.sent_bytes();
    test.send(1, tx::Select{});
    test.commands();
    test.send(1, basic::Ack{.delivery_tag = 2, .multiple = true});
    test.feed(test::publish_frames(1, "e", "k", "one"));
    test.send(1, basic::Reject{.delivery_tag = 4, .requeue = true});
    test.send(1, basic::Nack{.delivery_tag = 3});
    test.feed(test::publish_frames(1, "", "q", "two"));
    CHECK(test.commands() == Lines{"1 60,40 CheckPublish{e/k} no_wait"}); // it has to be there now
    const auto channel = test.session.snapshot().channels.at(0);
    CHECK(channel.transactional);
    CHECK(channel.messages_uncommitted == 2);
    CHECK(channel.acks_uncommitted == 4);
    CHECK(channel.messages_unacknowledged == 1);

    test.send(1, tx::Commit{});
    CHECK(test.commands() == Lines{"1 publish{e/k one}", "1 publish{/q two}", "1 settle{c 1+2 10 octets}",
                                   "1 return{c requeue 4}", "1 return{c discard 3}", "1 90,20 CommitTransaction"});
    test.done<tx::CommitOk>(1);
    CHECK(test.sent().back() == "1 tx.commit-ok{}");
    test.send(1, tx::Commit{});
    CHECK(test.commands() == Lines{"1 90,20 CommitTransaction"});
}

TEST_CASE("tx.commit: nothing may be said before its answer, but channel.close", "[session][tx][F12]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, tx::Select{});
    test.send(1, tx::Commit{});
    test.commands();
    SECTION("a method") {
        test.send(1, queue::Declare{.queue = {"q"}});
        CHECK(test.commands() ==
              Lines{"0 50,10 FailConnection{CHANNEL_ERROR - unexpected command while processing 'tx.commit'}"});
    }
    SECTION("channel.close") {
        test.send(1, channel::Close{});
        CHECK(test.commands() == Lines{"1 20,40 StopChannel"});
    }
    SECTION("after the answer") {
        test.done<tx::CommitOk>(1);
        test.send(1, queue::Declare{.queue = {"q"}});
        CHECK(test.commands() == Lines{"1 50,10 DeclareQueue{q}"});
    }
}

TEST_CASE("tx.rollback: publishes are dropped, acknowledgements undone", "[session][tx][C32]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c");
    for (storage::Sequence i = 1; i <= 3; ++i) {
        test.events(TestSession::delivery(consumer, i));
    }
    test.send(1, tx::Select{});
    test.commands();
    test.feed(test::publish_frames(1, "", "q", "one"));
    test.send(1, basic::Ack{.delivery_tag = 3});
    test.send(1, basic::Nack{.delivery_tag = 1});
    test.send(1, tx::Rollback{});
    CHECK(test.commands() == Lines{"1 90,30 Echo{90,31}"}); // not requeued either
    CHECK(test.session.snapshot().channels.at(0).messages_unacknowledged == 3);
    test.send(1, basic::Ack{.delivery_tag = 3, .multiple = true});
    test.send(1, tx::Commit{});
    CHECK(test.commands() == Lines{"1 settle{c 1+3 15 octets}", "1 90,20 CommitTransaction"});
}

TEST_CASE("tx: an acknowledgement counts at once for the tags", "[session][tx][C21][C32]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c");
    test.events(TestSession::delivery(consumer, 1));
    test.send(1, tx::Select{});
    test.send(1, basic::Ack{.delivery_tag = 1});
    test.commands();
    test.send(1, basic::Ack{.delivery_tag = 1});
    CHECK(test.commands() == Lines{"1 60,80 FailChannel{PRECONDITION_FAILED - unknown delivery tag 1}"});
}

TEST_CASE("tx: a channel that closes has not committed", "[session][tx][C32]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c");
    test.events(TestSession::delivery(consumer, 1), TestSession::delivery(consumer, 2));
    test.send(1, tx::Select{});
    test.feed(test::publish_frames(1, "e", "k", "one"));
    test.send(1, basic::Ack{.delivery_tag = 1});
    test.send(1, channel::Close{});
    test.commands();
    test.events(broker::ChannelStopped{1});
    CHECK(test.commands() == Lines{"1 return{c requeue 1 2}", "1 FinishChannel"});
}
