#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;
using namespace amqp::basic;

TEST_CASE("basic.publish: becomes a command", "[session][publish]") {
    TestSession test;
    test.open().open_channel();
    test.feed(test::frame(1, Publish{.exchange = {"e"}, .routing_key = {"k"}, .mandatory = true}) +
              test::content_frames(1, "hello"));
    CHECK(test.commands() == Lines{"1 publish{e/k hello mandatory}"});
    CHECK(test.session.snapshot().channels.at(0).counters.publish == 1);
}

TEST_CASE("basic.publish: CC and BCC are further keys", "[session][publish][C29]") {
    TestSession test;
    test.open().open_channel();
    amqp::BasicProperties properties;
    properties.headers = amqp::FieldTable{{"CC", amqp::Array{"c"}}, {"BCC", amqp::Array{"b"}}};
    test.feed(test::publish_frames(1, "e", "k", "x", properties));
    const auto& publish = std::get<broker::Publish>(test.transport.commands.at(0).what);
    CHECK(*publish.extra_keys == std::vector<std::string>{"c", "b"});
    CHECK(publish.message->properties().find("BCC") == std::string_view::npos);
}

TEST_CASE("basic.publish: mistakes", "[session][publish][C27][C28]") {
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    amqp::BasicProperties properties;
    properties.expiration = "soon";
    test.feed(test::publish_frames(1, "e", "k", "x", properties));
    CHECK(test.commands() ==
          Lines{"1 60,40 FailChannel{PRECONDITION_FAILED - invalid expiration 'soon': {error,no_integer}}"});
    test.feed(test::frame(2, Publish{.immediate = true}) + test::content_frames(2, "x"));
    CHECK(test.commands() == Lines{"0 60,40 FailConnection{NOT_IMPLEMENTED - immediate=true}"});
}

TEST_CASE("basic.publish: needs write permission, which comes before the properties", "[session][publish][C5][C27]") {
    TestSession test;
    test.authenticator.set({".*", "^allowed$", ".*"});
    test.open().open_channel(1).open_channel(2);
    amqp::BasicProperties properties;
    properties.expiration = "soon";
    test.feed(test::publish_frames(1, "", "k", "x", properties));
    test.feed(test::publish_frames(2, "allowed", "k", "x"));
    test.feed(test::publish_frames(2, "other", "k", "x"));
    CHECK(test.commands() ==
          Lines{"1 60,40 FailChannel{ACCESS_REFUSED - write access to exchange 'amq.default' in vhost '/' refused for "
                "user 'alice'}",
                "2 publish{allowed/k x}",
                "2 60,40 FailChannel{ACCESS_REFUSED - write access to exchange 'other' in vhost '/' refused for user "
                "'alice'}"});
}

TEST_CASE("basic.publish: a permission that is gone is not remembered", "[session][publish][C5]") {
    TestSession test;
    test.open().open_channel();
    test.feed(test::publish_frames(1, "e", "k", "x"));
    CHECK(test.commands() == Lines{"1 publish{e/k x}"});
    test.authenticator.set({".*", "", ".*"});
    test.feed(test::publish_frames(1, "e", "k", "x"));
    CHECK_THAT(test.commands().at(0), Catch::Contains("write access to exchange 'e'"));
}

TEST_CASE("basic.qos: per consumer by default, for the channel with global", "[session][basic][C18]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, Consume{.queue = {"q"}, .consumer_tag = {"before"}});
    test.send(1, Qos{.prefetch_count = 10});
    test.send(1, Consume{.queue = {"q"}, .consumer_tag = {"after"}});
    test.send(1, Qos{.prefetch_count = 30, .global = true});
    CHECK(test.commands() == Lines{"1 60,20 Consume{q as before}", "1 60,10 Echo{60,11}",
                                   "1 60,20 Consume{q as after prefetch 10}", "1 60,10 SetGlobalPrefetch{30}"});
    test.done<QosOk>(1);
    CHECK(test.sent() == Lines{"1 basic.qos-ok{}"});
    CHECK(test.session.snapshot().channels.at(0).prefetch == 10);
    CHECK(test.session.snapshot().channels.at(0).global_prefetch == 30);
}

TEST_CASE("basic.qos: octets cannot be limited", "[session][basic][C18]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, Qos{.prefetch_size = 77});
    CHECK(test.commands() == Lines{"0 60,10 FailConnection{NOT_IMPLEMENTED - prefetch_size!=0 (77)}"});
}

TEST_CASE("basic.consume: becomes a request with all that was said", "[session][basic][C15]") {
    TestSession test;
    test.open().open_channel();
    const std::string arguments = amqp::FieldTable{{"x-priority", std::int64_t{-3}}}.encode();
    test.send(1, Consume{.queue = {"q"},
                         .consumer_tag = {"c"},
                         .no_local = true,
                         .no_ack = true,
                         .exclusive = true,
                         .no_wait = true,
                         .arguments = {arguments}});
    test.send(1, Consume{.queue = {"q"}});
    CHECK(test.commands() == Lines{"1 60,20 Consume{q as c no_ack exclusive priority -3} no_wait",
                                   "1 60,20 Consume{q as amq.ctag-AAECAwQFBgcICQoLDA0ODw}"});
    CHECK(test.session.snapshot().channels.at(0).consumers.size() == 2);
}

TEST_CASE("basic.consume: a priority is an integer", "[session][basic][C15]") {
    TestSession test;
    test.open().open_channel();
    const std::string arguments = amqp::FieldTable{{"x-priority", "high"}}.encode();
    test.send(1, Consume{.queue = {"q"}, .arguments = {arguments}});
    CHECK(test.commands() ==
          Lines{"1 60,20 FailChannel{PRECONDITION_FAILED - invalid arg 'x-priority' for queue 'q' in "
                "vhost '/': {unacceptable_type,longstr}}"});
}

TEST_CASE("basic.consume: a tag is used once at a time", "[session][basic][C15]") {
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    test.send(1, Consume{.queue = {"q"}, .consumer_tag = {"c"}});
    test.send(2, Consume{.queue = {"q"}, .consumer_tag = {"c"}}); // another channel
    test.send(1, Cancel{.consumer_tag = {"c"}});
    test.send(1, Consume{.queue = {"q"}, .consumer_tag = {"c"}}); // free again at once
    CHECK(test.commands() ==
          Lines{"1 60,20 Consume{q as c}", "2 60,20 Consume{q as c}", "1 60,30 Cancel{c}", "1 60,20 Consume{q as c}"});
    test.send(1, Consume{.queue = {"q"}, .consumer_tag = {"c"}});
    CHECK(test.commands() == Lines{"0 60,20 FailConnection{NOT_ALLOWED - attempt to reuse consumer tag 'c'}"});
}

TEST_CASE("basic.consume: so many consumers on a channel and no more", "[session][basic][C34]") {
    broker::SessionConfig config;
    config.consumer_max_per_channel = 2;
    TestSession test(config);
    test.open().open_channel();
    test.consume(1, "q", "a");
    test.consume(1, "q", "b");
    test.send(1, Consume{.queue = {"q"}, .consumer_tag = {"c"}});
    CHECK(test.commands() ==
          Lines{"0 60,20 FailConnection{NOT_ALLOWED - reached maximum (2) of consumers per channel}"});
}

TEST_CASE("basic.deliver: tags count per channel, with and without acknowledgement", "[session][basic][C15][C20]") {
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    const auto acked = test.consume(1, "q", "a");
    const auto unacked = test.consume(1, "q", "n", true);
    const auto other = test.consume(2, "q", "o");
    test.events(TestSession::delivery(acked, 7, "one"), TestSession::delivery(unacked, 8, "two"),
                TestSession::delivery(acked, 9, "", true), TestSession::delivery(other, 10, "four"));
    CHECK(test.sent() ==
          Lines{"1 basic.deliver{consumer_tag=a, delivery_tag=1, exchange=e, routing_key=k}", "1 header{3}",
                "1 body{one}", "1 basic.deliver{consumer_tag=n, delivery_tag=2, exchange=e, routing_key=k}",
                "1 header{3}", "1 body{two}",
                "1 basic.deliver{consumer_tag=a, delivery_tag=3, redelivered=true, exchange=e, routing_key=k}",
                "1 header{0}", "2 basic.deliver{consumer_tag=o, delivery_tag=1, exchange=e, routing_key=k}",
                "2 header{4}", "2 body{four}"});
    const auto counters = test.session.snapshot().channels.at(0).counters;
    CHECK(counters.deliver == 2);
    CHECK(counters.deliver_no_ack == 1);
    CHECK(counters.redeliver == 1);
    CHECK(test.session.snapshot().channels.at(0).messages_unacknowledged == 2);
}

TEST_CASE("basic.deliver: a body is cut to the client's frame_max", "[session][basic][F6]") {
    TestSession test;
    test.open({2047, 4096, 60}).open_channel();
    const auto consumer = test.consume(1, "q", "c");
    test.events(TestSession::delivery(consumer, 1, std::string(4088 + 1, 'x')));
    std::vector<std::size_t> sizes;
    test::for_each_frame(test.sent_bytes(), [&](const amqp::Frame& frame) {
        if (frame.type == amqp::FrameType::body) {
            sizes.push_back(frame.payload.size());
        }
    });
    CHECK(sizes == std::vector<std::size_t>{4088, 1});
}

TEST_CASE("basic.get: an answer of either kind, in order", "[session][basic][C19]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c");
    test.events(TestSession::delivery(consumer, 1));
    test.send(1, Get{.queue = {"q"}});
    test.send(1, Get{.queue = {"q"}, .no_ack = true});
    test.send(1, Get{.queue = {"q"}});
    std::vector<broker::ConsumerPtr> gets;
    for (const broker::Command& command : test.transport.commands) {
        const auto& boxed = std::get<std::unique_ptr<broker::BoxedRequest>>(command.what);
        gets.push_back(std::get<broker::Get>(boxed->request).consumer);
    }
    CHECK(test.commands() == Lines{"1 60,70 Get{q}", "1 60,70 Get{q no_ack}", "1 60,70 Get{q}"});
    test.sent_bytes();

    test.events(broker::GetOk{TestSession::delivery(gets[0], 2, "a"), 5},
                broker::GetOk{TestSession::delivery(gets[1], 3, "b", true), 4});
    test.reply(1, broker::GetEmpty{});
    CHECK(test.sent() ==
          Lines{"1 basic.get-ok{delivery_tag=2, exchange=e, routing_key=k, message_count=5}", "1 header{1}",
                "1 body{a}",
                "1 basic.get-ok{delivery_tag=3, redelivered=true, exchange=e, routing_key=k, message_count=4}",
                "1 header{1}", "1 body{b}", "1 basic.get-empty{}"});
    const auto channel = test.session.snapshot().channels.at(0);
    CHECK(channel.counters.get == 1);
    CHECK(channel.counters.get_no_ack == 1);
    CHECK(channel.messages_unacknowledged == 2);
    CHECK(gets[2]->use_count() == 1); // nobody else remembers it
    test.send(1, Ack{.delivery_tag = 2});
    CHECK(test.commands() == Lines{"1 settle{get:q 2+1 1 octets}"});
}

namespace {

broker::ConsumerPtr last_get(TestSession& test) {
    const auto& boxed = std::get<std::unique_ptr<broker::BoxedRequest>>(test.transport.commands.back().what);
    return std::get<broker::Get>(boxed->request).consumer;
}

} // namespace

TEST_CASE("basic.get: what settles its message may be sent before the answer has come", "[session][basic][C19][C22]") {
    struct Case {
        const char* name;
        std::string frame;
        Lines commands;
    };
    const Case cases[] = {
        {"ack", test::frame(1, Ack{.delivery_tag = 1}), {"1 settle{get:q 7+1 1 octets}"}},
        {"nack all", test::frame(1, Nack{.multiple = true, .requeue = false}), {"1 return{get:q discard 7}"}},
        {"reject", test::frame(1, Reject{.delivery_tag = 1, .requeue = true}), {"1 return{get:q requeue 7}"}},
        {"recover", test::frame(1, Recover{.requeue = true}), {"1 return{get:q requeue 7}", "1 60,110 Echo{60,111}"}},
        {"recover-async", test::frame(1, RecoverAsync{.requeue = true}), {"1 return{get:q requeue 7}"}},
    };
    for (const Case& one : cases) {
        INFO(one.name);
        TestSession test;
        test.open().open_channel();
        test.send(1, Get{.queue = {"q"}});
        const broker::ConsumerPtr consumer = last_get(test);
        CHECK(test.commands() == Lines{"1 60,70 Get{q}"});
        test.feed(one.frame + test::frame(1, Get{.queue = {"q"}}));
        CHECK(test.commands() == Lines{});
        CHECK_FALSE(test.session.wants_input());

        test.events(broker::GetOk{TestSession::delivery(consumer, 7, "a"), 0});
        REQUIRE(test.session.wants_input());
        test.feed("");
        Lines expected = one.commands;
        expected.push_back("1 60,70 Get{q}");
        CHECK(test.commands() == expected);
        CHECK(test.unread() == 0);
    }
}

TEST_CASE("basic.get: a channel has at most 256 of them unanswered", "[session][basic][C19]") {
    TestSession test;
    test.open().open_channel();
    std::string frames;
    for (int i = 0; i < 300; ++i) {
        frames += test::frame(1, Get{.queue = {"q"}});
    }
    test.feed(frames);
    CHECK(test.commands().size() == 256);
    test.reply(1, broker::GetEmpty{});
    test.feed("");
    CHECK(test.commands().size() == 1);
    for (int i = 0; i < 256; ++i) {
        test.reply(1, broker::GetEmpty{});
    }
    test.feed("");
    CHECK(test.commands().size() == 43);
    CHECK(test.unread() == 0);
}

TEST_CASE("basic.cancel: cancel-ok comes when the virtual host says so", "[session][basic][C16]") {
    TestSession test;
    test.open().open_channel();
    auto consumer = test.consume(1, "q", "c");
    test.send(1, Cancel{.consumer_tag = {"c"}});
    CHECK(test.commands() == Lines{"1 60,30 Cancel{c}"});
    test.events(TestSession::delivery(consumer, 1)); // was on its way
    test.reply(1, broker::CancelOk{consumer});
    CHECK(test.sent() == Lines{"1 basic.deliver{consumer_tag=c, delivery_tag=1, exchange=e, routing_key=k}",
                               "1 header{5}", "1 body{hello}", "1 basic.cancel-ok{consumer_tag=c}"});
    test.send(1, Ack{.delivery_tag = 1});
    CHECK(test.commands() == Lines{"1 settle{c 1+1 5 octets}"});
    CHECK(consumer->use_count() == 1);
}

TEST_CASE("basic.cancel: without waiting nothing is answered, but the consumer is let go", "[session][basic][C16]") {
    TestSession test;
    test.open().open_channel();
    auto consumer = test.consume(1, "q", "c");
    test.send(1, Cancel{.consumer_tag = {"c"}, .no_wait = true});
    CHECK(test.commands() == Lines{"1 60,30 Cancel{c}"});
    CHECK(consumer->use_count() == 2);
    test.reply(1, broker::CancelOk{consumer});
    CHECK(test.sent().empty());
    CHECK(consumer->use_count() == 1);
}

TEST_CASE("basic.cancel: of an unknown tag is answered all the same, in its place", "[session][basic][C16]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, Cancel{.consumer_tag = {"nobody"}});
    test.send(1, Cancel{.consumer_tag = {"none"}, .no_wait = true});
    test.send(1, Cancel{.consumer_tag = {"no one"}});
    CHECK(test.commands() == Lines{"1 60,30 Echo{60,31}", "1 60,30 Echo{60,31}"});
    test.done<CancelOk>(1);
    test.done<CancelOk>(1);
    CHECK(test.sent() == Lines{"1 basic.cancel-ok{consumer_tag=nobody}", "1 basic.cancel-ok{consumer_tag=no one}"});
}

TEST_CASE("basic.cancel from the server: when the queue is gone and the client can take it",
          "[session][basic][C17][P8]") {
    for (const bool announced : {true, false}) {
        TestSession test;
        test.open({2047, 131'072, 60}, {{"consumer_cancel_notify", announced}}).open_channel();
        const auto consumer = test.consume(1, "q", "c");
        test.events(broker::ConsumerGone{consumer});
        CHECK(test.sent() == (announced ? Lines{"1 basic.cancel{consumer_tag=c, no_wait=true}"} : Lines{}));
        test.send(1, CancelOk{{"c"}}); // asked for or not
        CHECK(test.commands().empty());
        CHECK(consumer->use_count() == 1);
        test.send(1, Consume{.queue = {"q"}, .consumer_tag = {"c"}});
        CHECK(test.commands() == Lines{"1 60,20 Consume{q as c}"});
    }
}

TEST_CASE("basic.cancel: both sides at once", "[session][basic][C16][C17]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c");
    test.send(1, Cancel{.consumer_tag = {"c"}});
    test.commands();
    test.events(broker::ConsumerGone{consumer});
    CHECK(test.sent().empty());
    test.reply(1, broker::CancelOk{consumer});
    CHECK(test.sent() == Lines{"1 basic.cancel-ok{consumer_tag=c}"});
    CHECK(consumer->use_count() == 1);
}

TEST_CASE("revocation: consumers of queues that may not be read any more are cancelled", "[session][basic][C5][C17]") {
    for (const bool announced : {true, false}) {
        TestSession test;
        test.open({2047, 131'072, 60}, {{"consumer_cancel_notify", announced}}).open_channel();
        const auto secret = test.consume(1, "secret", "s");
        const auto other = test.consume(1, "open", "o");
        test.authenticator.set({".*", ".*", "open"});
        test.session.on_permissions_changed(test.now);
        CHECK(test.commands() == Lines{"1 60,30 Cancel{s}"});
        CHECK(test.sent().empty()); // deliveries may be on their way
        test.reply(1, broker::CancelOk{secret});
        CHECK(test.sent() == (announced ? Lines{"1 basic.cancel{consumer_tag=s, no_wait=true}"} : Lines{}));
        CHECK(secret->use_count() == 1);
        CHECK(other->use_count() == 2);
        test.session.on_permissions_changed(test.now); // of somebody else
        CHECK(test.commands().empty());
    }
}

TEST_CASE("revocation: is noticed before what the peer sends next", "[session][basic][C5][C17]") {
    TestSession test;
    test.open().open_channel();
    test.consume(1, "q", "c");
    test.authenticator.set({".*", ".*", ""});
    test.feed(test::publish_frames(1, "e", "k", "x"));
    CHECK(test.commands() == Lines{"1 60,30 Cancel{c}", "1 publish{e/k x}"});
}

TEST_CASE("revocation: answers to one's own requests need no permission", "[session][basic][D6][C5]") {
    TestSession test;
    test.open().open_channel();
    test.consume(1, "amq.rabbitmq.reply-to", "c", true);
    test.authenticator.set({".*", ".*", ""});
    test.session.on_permissions_changed(test.now);
    CHECK(test.commands().empty());
}

TEST_CASE("basic.return: comes before the confirm of its message", "[session][publish][C30][K2]") {
    TestSession test;
    test.open().open_channel();
    test.events(broker::Confirmed{1, true, 1, 0}, broker::Returned{1, TestSession::message("back")});
    CHECK(test.sent() == Lines{"1 basic.return{reply_code=312, reply_text=NO_ROUTE, exchange=e, routing_key=k}",
                               "1 header{4}", "1 body{back}"});
    CHECK(test.session.snapshot().channels.at(0).counters.return_unroutable == 1);
}

TEST_CASE("channel.flow and access.request", "[session][channels]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, amqp::channel::Flow{true});
    test.send(1, amqp::access::Request{{"/data"}, true, true, true, true, true});
    CHECK(test.commands() == Lines{"1 20,20 Echo{20,21}", "1 30,10 Echo{30,11}"});
    test.done<amqp::channel::FlowOk>(1);
    test.done<amqp::access::RequestOk>(1);
    CHECK(test.sent() == Lines{"1 channel.flow-ok{active=true}", "1 access.request-ok{ticket=1}"});
    test.send(1, amqp::channel::Flow{false});
    CHECK(test.commands() == Lines{"0 20,20 FailConnection{NOT_IMPLEMENTED - active=false}"});
}
