// How connections end, from both sides and from both at once.
#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using test::Lines;
using test::TestSession;
using namespace amqp;

namespace {

const std::string forced_close = "0 connection.close{reply_code=320, reply_text=CONNECTION_FORCED - bye, class_id=0, "
                                 "method_id=0}";

Error no_queue() {
    return not_found("no queue 'q' in vhost '/'");
}
Error forced() {
    return make_error(ReplyCode::connection_forced, "bye");
}

} // namespace

TEST_CASE("connection.close: no confirm follows it", "[session][close][K9]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, confirm::Select{true});
    test.feed(test::publish_frames(1, "", "q", "x") + test::publish_frames(1, "", "q", "y"));
    test.events(broker::Confirmed{1, true, 1, 1},
                broker::ConnectionFailed{std::make_unique<broker::Failure>(broker::Failure{forced(), {}})},
                broker::Confirmed{1, true, 2, 1});
    CHECK(test.sent() == Lines{"1 basic.ack{delivery_tag=1}", forced_close});
}

TEST_CASE("connection.close: all channels stop, everything goes back, then close-ok", "[session][close]") {
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    const auto consumer = test.consume(2, "q", "c");
    test.events(TestSession::delivery(consumer, 1));
    test.sent_bytes();
    test.feed(test::frame(0, connection::Close{}) + test::frame(1, queue::Declare{.queue = {"late"}}));
    CHECK(test.commands() == Lines{"0 StopConnection"});
    test.events(TestSession::delivery(consumer, 2), broker::ConnectionStopped{});
    CHECK(test.commands() == Lines{"2 return{c requeue 1 2}", "0 FinishConnection"});
    CHECK(test.sent().empty());
    CHECK(test.transport.closes.empty());
    CHECK_FALSE(test.session.finished());
    test.events(broker::ConnectionClosed{}); // exclusive queues are gone now
    CHECK(test.sent() == Lines{"0 connection.close-ok{}"});
    CHECK(test.transport.closes == std::vector<long>{3000}); // the client closes the socket
    CHECK(test.session.finished());
    CHECK(consumer->use_count() == 1);
    test.session.on_disconnected();
    CHECK(test.commands().empty());
}

TEST_CASE("connection error: is told, and then everything is ignored but closes", "[session][close][P23]") {
    TestSession test;
    test.open({2047, 131'072, 10}).open_channel();
    const auto consumer = test.consume(1, "q", "c");
    test.events(TestSession::delivery(consumer, 1));
    test.sent_bytes();
    test.send(1, channel::Flow{false});
    CHECK(test.commands() == Lines{"0 20,20 FailConnection{NOT_IMPLEMENTED - active=false}"});
    test.send(1, queue::Declare{.queue = {"q"}});
    test.send(0, connection::UpdateSecret{});
    CHECK(test.commands().empty());
    test.connection_failed(not_implemented("active=false"), channel::Flow::id);
    CHECK(test.sent() == Lines{"0 connection.close{reply_code=540, reply_text=NOT_IMPLEMENTED - active=false, "
                               "class_id=20, method_id=20}"});
    CHECK(test.commands() == Lines{"1 return{c requeue 1}", "0 FinishConnection"});
    test.events(broker::ConnectionClosed{});
    CHECK_FALSE(test.session.finished());

    test.feed(test::frame(1, queue::Declare{.queue = {"q"}}) + test::frame(1, channel::Open{}) +
              test::frame(0, connection::TuneOk{}) + test::frame(9, basic::Ack{.delivery_tag = 1}));
    CHECK(test.commands().empty());
    CHECK(test.sent().empty());

    SECTION("close-ok ends it") {
        test.send(0, connection::CloseOk{});
        CHECK(test.transport.closes == std::vector<long>{0});
    }
    SECTION("a crossing close is answered") {
        test.send(0, connection::Close{});
        CHECK(test.sent() == Lines{"0 connection.close-ok{}"});
        CHECK(test.transport.closes.empty());
        test.send(0, connection::CloseOk{});
        CHECK(test.transport.closes == std::vector<long>{0});
    }
    SECTION("time ends it") {
        test.feed(test::heartbeat_frame());
        test.tick(9999ms);
        CHECK(test.transport.closes.empty());
        test.feed(test::heartbeat_frame());
        test.tick(1ms);
        CHECK(test.transport.closes == std::vector<long>{0});
        CHECK(test.sent().empty());
    }
    SECTION("a bad frame ends it") {
        test.feed(test::raw_frame(99, 0, ""));
        CHECK(test.transport.closes == std::vector<long>{3000});
    }
    SECTION("the peer ends it") {
        test.session.on_disconnected();
    }
    CHECK(test.session.finished());
    CHECK(test.commands().empty());
}

TEST_CASE("connection error: who has no or slow heartbeats has thirty seconds for close-ok", "[session][close][P23]") {
    for (const std::uint16_t heartbeat : {std::uint16_t{0}, std::uint16_t{600}}) {
        TestSession test;
        test.open({2047, 131'072, heartbeat});
        test.connection_failed(forced());
        test.tick(29'999ms);
        CHECK(test.transport.closes.empty());
        test.tick(1ms);
        CHECK(test.transport.closes == std::vector<long>{0});
    }
}

TEST_CASE("connection closed by the broker: 320 without a method", "[session][close]") {
    TestSession test;
    test.open().open_channel();
    test.connection_failed(forced());
    CHECK(test.sent() == Lines{forced_close});
    CHECK(test.commands() == Lines{"0 FinishConnection"});
    CHECK(test.session.snapshot().state == "closing");
}

TEST_CASE("crossing connection closes: theirs came first, then the virtual host failed", "[session][close][P23]") {
    TestSession test;
    test.open().open_channel();
    test.send(0, connection::Close{});
    test.commands();
    test.connection_failed(forced()); // instead of ConnectionStopped
    CHECK(test.sent() == Lines{forced_close, "0 connection.close-ok{}"});
    CHECK(test.commands() == Lines{"0 FinishConnection"});
    test.events(broker::ConnectionClosed{});
    CHECK(test.sent().empty());
    test.send(0, connection::CloseOk{});
    CHECK(test.transport.closes == std::vector<long>{0});
    CHECK(test.session.finished());
}

TEST_CASE("crossing connection closes: a mistake, then their close", "[session][close][P23]") {
    TestSession test;
    test.open().open_channel();
    test.feed(test::frame(1, channel::Flow{false}) + test::frame(0, connection::Close{}));
    CHECK(test.commands() == Lines{"0 20,20 FailConnection{NOT_IMPLEMENTED - active=false}"});
    test.connection_failed(forced());
    CHECK(test.sent() == Lines{forced_close, "0 connection.close-ok{}"});
}

TEST_CASE("channel close, then connection error: each end is dealt with once", "[session][close]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c");
    test.events(TestSession::delivery(consumer, 1));
    test.send(1, channel::Close{});
    test.sent_bytes();
    test.commands();
    test.events(broker::ChannelStopped{1});
    CHECK(test.commands() == Lines{"1 return{c requeue 1}", "1 FinishChannel"});
    test.connection_failed(forced());
    CHECK(test.commands() == Lines{"0 FinishConnection"});
    test.events(broker::ChannelClosed{1}, broker::ConnectionClosed{});
    CHECK(test.sent() == Lines{forced_close}); // nothing behind connection.close
}

TEST_CASE("lost socket: the same without a word", "[session][close]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c");
    test.events(TestSession::delivery(consumer, 1));
    test.send(1, queue::Declare{.queue = {"q"}});
    test.sent_bytes();
    test.commands();
    test.session.on_disconnected();
    CHECK(test.commands() == Lines{"0 StopConnection"});
    CHECK_FALSE(test.session.finished());
    test.reply(1, broker::QueueDeclared{"q", 0, 0});
    test.events(TestSession::delivery(consumer, 2));
    CHECK(test.session.outbox().empty());
    test.events(broker::ConnectionStopped{});
    CHECK(test.commands() == Lines{"1 return{c requeue 1 2}", "0 FinishConnection"});
    test.events(broker::ConnectionClosed{});
    CHECK(test.sent().empty());
    CHECK(test.session.finished());
    test.session.on_disconnected();
    test.tick(1000s);
    CHECK(test.commands().empty());
}

TEST_CASE("lost socket: in the middle of any end", "[session][close]") {
    TestSession test;
    test.open().open_channel();
    SECTION("a channel was being closed by the client") {
        test.send(1, channel::Close{});
        test.session.on_disconnected();
        test.events(broker::ChannelStopped{1}, broker::ConnectionStopped{});
        CHECK(test.commands() ==
              Lines{"1 20,40 StopChannel", "0 StopConnection", "1 FinishChannel", "0 FinishConnection"});
        test.events(broker::ChannelClosed{1});
    }
    SECTION("a channel had failed") {
        test.channel_failed(no_queue(), queue::Declare::id);
        test.session.on_disconnected();
        test.events(broker::ChannelClosed{1}, broker::ConnectionStopped{});
        CHECK(test.commands() == Lines{"1 FinishChannel", "0 StopConnection", "0 FinishConnection"});
    }
    SECTION("the connection was being closed by the client") {
        test.send(0, connection::Close{});
        test.session.on_disconnected();
        test.events(broker::ConnectionStopped{});
        CHECK(test.commands() == Lines{"0 StopConnection", "0 FinishConnection"});
    }
    SECTION("the connection was failing") {
        test.send(1, channel::Flow{false});
        test.session.on_disconnected();
        test.connection_failed(not_implemented("active=false"), channel::Flow::id);
        CHECK(test.commands() == Lines{"0 20,20 FailConnection{NOT_IMPLEMENTED - active=false}", "0 FinishConnection"});
    }
    SECTION("the broker fails it at the same time") {
        test.session.on_disconnected();
        test.connection_failed(forced());
        test.events(broker::ConnectionStopped{});
        CHECK(test.commands() == Lines{"0 StopConnection", "0 FinishConnection"});
    }
    test.session.outbox().discard();
    test.events(broker::ConnectionClosed{});
    CHECK(test.sent().empty());
    CHECK(test.session.finished());
    CHECK(test.transport.closes == std::vector<long>{0});
}
