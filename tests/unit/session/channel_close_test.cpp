// How channels begin and end, from both sides and from both at once.
#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;
using namespace amqp;

namespace {

const std::string not_found_close =
    "1 channel.close{reply_code=404, reply_text=NOT_FOUND - no queue 'q' in vhost '/', class_id=50, method_id=10}";

Error no_queue() {
    return not_found("no queue 'q' in vhost '/'");
}

} // namespace

TEST_CASE("channel.open: is answered when the virtual host has opened it", "[session][close]") {
    TestSession test;
    test.open();
    test.send(1, channel::Open{});
    CHECK(test.commands() == Lines{"1 20,10 OpenChannel"});
    CHECK(test.sent().empty());
    test.done<channel::OpenOk>(1);
    CHECK(test.sent() == Lines{"1 channel.open-ok{}"});
}

TEST_CASE("channel.close: everything goes back before close-ok", "[session][close][C23]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c");
    test.events(TestSession::delivery(consumer, 1));
    test.sent_bytes();
    test.send(1, channel::Close{200, {"bye"}, 0, 0});
    CHECK(test.commands() == Lines{"1 20,40 StopChannel"});
    test.events(TestSession::delivery(consumer, 2)); // was on its way: not written, but returned
    CHECK(test.sent().empty());
    test.events(broker::ChannelStopped{1});
    CHECK(test.commands() == Lines{"1 return{c requeue 1 2}", "1 FinishChannel"});
    CHECK(test.sent().empty());
    test.events(broker::ChannelClosed{1});
    CHECK(test.sent() == Lines{"1 channel.close-ok{}"});
    CHECK(consumer->use_count() == 1);

    test.send(1, channel::Open{}); // the number is free
    CHECK(test.commands() == Lines{"1 20,10 OpenChannel"});
}

TEST_CASE("channel.close: answers to what came before are still given", "[session][close][F12]") {
    TestSession test;
    test.open().open_channel();
    test.feed(test::frame(1, queue::Declare{.queue = {"q"}}) + test::frame(1, channel::Close{}));
    test.events(broker::Replied{1, std::make_unique<broker::Reply>(broker::QueueDeclared{"q", 0, 0})},
                broker::ChannelStopped{1});
    test.events(broker::ChannelClosed{1});
    CHECK(test.sent() ==
          Lines{"1 queue.declare-ok{queue=q, message_count=0, consumer_count=0}", "1 channel.close-ok{}"});
}

TEST_CASE("channel error: is told in its place, and the channel is silent until close-ok", "[session][close][C35]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c");
    test.events(TestSession::delivery(consumer, 1));
    test.sent_bytes();
    test.channel_failed(no_queue(), queue::Declare::id);
    CHECK(test.sent() == Lines{not_found_close});
    CHECK(test.commands() == Lines{"1 return{c requeue 1}", "1 FinishChannel"});

    test.feed(test::frame(1, queue::Declare{.queue = {"r"}}) + test::publish_frames(1, "", "q", "x") +
              test::body_frame(1, "even this"));
    test.send(1, channel::Open{});
    CHECK(test.commands().empty());

    SECTION("close-ok, then the virtual host") {
        test.send(1, channel::CloseOk{});
        test.events(broker::ChannelClosed{1});
    }
    SECTION("the virtual host, then close-ok") {
        test.events(broker::ChannelClosed{1});
        test.send(1, channel::CloseOk{});
    }
    CHECK(test.sent().empty());
    CHECK(test.commands().empty());
    CHECK(test.session.snapshot().channels.empty());
    test.send(1, channel::Open{});
    CHECK(test.commands() == Lines{"1 20,10 OpenChannel"});
}

TEST_CASE("channel error: the number may be used again before the virtual host has closed", "[session][close]") {
    TestSession test;
    test.open().open_channel();
    test.channel_failed(no_queue(), queue::Declare::id);
    test.sent();
    test.commands();
    test.feed(test::frame(1, channel::CloseOk{}) + test::frame(1, channel::Open{}) +
              test::frame(1, queue::Declare{.queue = {"q"}}));
    CHECK(test.commands() == Lines{"1 20,10 OpenChannel", "1 50,10 DeclareQueue{q}"});
    test.events(broker::ChannelClosed{1}); // of the first
    test.done<channel::OpenOk>(1);         // of the second
    CHECK(test.sent() == Lines{"1 channel.open-ok{}"});
    CHECK(test.session.snapshot().channels.size() == 1);
    test.channel_failed(no_queue(), queue::Declare::id);
    CHECK(test.sent() == Lines{not_found_close});
}

TEST_CASE("channel error found by the session: keeps its place behind earlier answers", "[session][close]") {
    TestSession test;
    test.open().open_channel();
    test.feed(test::frame(1, queue::Declare{.queue = {"a"}}) + test::frame(1, basic::Ack{.delivery_tag = 5}) +
              test::frame(1, queue::Declare{.queue = {"b"}}));
    CHECK(test.commands() ==
          Lines{"1 50,10 DeclareQueue{a}", "1 60,80 FailChannel{PRECONDITION_FAILED - unknown delivery tag 5}"});
    CHECK(test.sent().empty());
    test.reply(1, broker::QueueDeclared{"a", 0, 0});
    test.channel_failed(precondition_failed("unknown delivery tag 5"), basic::Ack::id);
    CHECK(test.sent() == Lines{"1 queue.declare-ok{queue=a, message_count=0, consumer_count=0}",
                               "1 channel.close{reply_code=406, reply_text=PRECONDITION_FAILED - unknown delivery tag "
                               "5, class_id=60, method_id=80}"});
}

TEST_CASE("channel error: other channels go on", "[session][close]") {
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    test.channel_failed(no_queue(), queue::Declare::id);
    test.commands();
    test.send(2, queue::Declare{.queue = {"q"}});
    CHECK(test.commands() == Lines{"2 50,10 DeclareQueue{q}"});
}

TEST_CASE("channel error: reply texts are cut to 255 octets", "[session][close][F10]") {
    TestSession test;
    test.open().open_channel();
    test.channel_failed(not_found(std::string(300, 'x')), {});
    const std::string bytes = test.sent_bytes();
    test::for_each_frame(bytes, [](const Frame& frame) {
        const auto close = decode_method<channel::Close>(frame.payload.substr(4));
        CHECK(close->reply_text.value == "NOT_FOUND - " + std::string(255 - 12, 'x'));
    });
}

TEST_CASE("crossing channel closes: both are answered", "[session][close]") {
    const std::string meeting = GENERATE("ours came first", "theirs came first", "theirs came behind a mistake");
    const bool sends_close_ok = GENERATE(true, false); // for some clients our close-ok is enough
    CAPTURE(meeting, sends_close_ok);
    TestSession test;
    test.open().open_channel();

    if (meeting == "ours came first") {
        test.channel_failed(no_queue(), queue::Declare::id);
        test.send(1, channel::Close{});
        CHECK(test.commands() == Lines{"1 FinishChannel"});
    } else if (meeting == "theirs came first") {
        test.send(1, channel::Close{});
        CHECK(test.commands() == Lines{"1 20,40 StopChannel"});
        test.channel_failed(no_queue(), queue::Declare::id); // instead of ChannelStopped
        CHECK(test.commands() == Lines{"1 FinishChannel"});
    } else {
        test.feed(test::frame(1, basic::Ack{.delivery_tag = 5}) + test::frame(1, channel::Close{}));
        CHECK(test.commands() == Lines{"1 60,80 FailChannel{PRECONDITION_FAILED - unknown delivery tag 5}"});
        CHECK(test.sent().empty());
        test.channel_failed(no_queue(), queue::Declare::id);
        CHECK(test.commands() == Lines{"1 FinishChannel"});
    }
    CHECK(test.sent() == Lines{not_found_close, "1 channel.close-ok{}"});
    test.events(broker::ChannelClosed{1});
    CHECK(test.sent().empty());
    if (sends_close_ok) {
        test.send(1, channel::CloseOk{});
        CHECK(test.session.snapshot().channels.empty());
    }
    test.send(1, channel::Open{});
    CHECK(test.commands() == Lines{"1 20,10 OpenChannel"});
}

TEST_CASE("channel error: confirms that came before it are sent before it, later ones never", "[session][close][K9]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, confirm::Select{true});
    for (int i = 0; i < 3; ++i) {
        test.feed(test::publish_frames(1, "", "q", "x"));
    }
    test.events(
        broker::Confirmed{1, true, 1, 2},
        broker::ChannelFailed{1, std::make_unique<broker::Failure>(broker::Failure{no_queue(), queue::Declare::id})},
        broker::Confirmed{1, true, 3, 1}, broker::ChannelClosed{1});
    CHECK(test.sent() == Lines{"1 basic.ack{delivery_tag=2, multiple=true}", not_found_close});
}

TEST_CASE("channel.close: confirms that come behind the end of their channel are dropped", "[session][close][K9]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, confirm::Select{true});
    test.feed(test::publish_frames(1, "", "q", "x"));
    test.send(1, channel::Close{});
    test.events(broker::ChannelStopped{1});
    test.events(broker::ChannelClosed{1}, broker::Confirmed{1, true, 1, 1});
    CHECK(test.sent() == Lines{"1 channel.close-ok{}"});
}
