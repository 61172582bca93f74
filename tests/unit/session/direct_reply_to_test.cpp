// Direct reply-to, the requester's side: his consumer and his reply-to.
#include "broker/core/reply_consumers.hpp"
#include "broker/session/names.hpp"
#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;
using namespace amqp::basic;

namespace {

constexpr std::string_view first_address = "amq.rabbitmq.reply-to.AAECAwQFBgcICQoLDA0ODw.EBESExQVFhcYGRobHB0eHw";

void consume_replies(TestSession& test, amqp::ChannelNumber channel, std::string_view tag, bool no_ack = true) {
    test.send(channel, Consume{.queue = {broker::reply_queue}, .consumer_tag = {tag}, .no_ack = no_ack});
}

amqp::BasicProperties asking() {
    amqp::BasicProperties properties;
    properties.content_type = "text/plain";
    properties.correlation_id = "7";
    properties.reply_to = broker::reply_queue;
    properties.message_id = "m";
    properties.app_id = "app";
    return properties;
}

amqp::BasicProperties published(const TestSession& test) {
    return *amqp::BasicProperties::decode(
        std::get<broker::Publish>(test.transport.commands.back().what).message->properties());
}

} // namespace

TEST_CASE("reply address: RabbitMQ's form, random in both parts", "[session][names][D2]") {
    test::CountingRandom random;
    CHECK(broker::make_reply_address(random) == first_address);
    CHECK(broker::is_reply_address(first_address));
    CHECK_FALSE(broker::is_reply_address(broker::reply_queue));
    CHECK_FALSE(broker::is_reply_address("amq.rabbitmq.reply-toX"));
    CHECK(broker::is_reply_queue(broker::reply_queue));
}

TEST_CASE("direct reply-to: one consumer on a channel, without acknowledgements", "[session][D1]") {
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    test.authenticator.set({"", ".*", ""}); // no permission is needed to read replies
    SECTION("it becomes a request") {
        consume_replies(test, 1, "r");
        consume_replies(test, 2, "r");
        CHECK(test.commands() == Lines{"1 60,20 Consume{amq.rabbitmq.reply-to as r no_ack}",
                                       "2 60,20 Consume{amq.rabbitmq.reply-to as r no_ack}"});
        CHECK(test.session.snapshot().channels.at(0).consumers.empty());
    }
    SECTION("with acknowledgements") {
        consume_replies(test, 1, "r", false);
        CHECK(test.commands() ==
              Lines{"1 60,20 FailChannel{PRECONDITION_FAILED - reply consumer cannot acknowledge}"});
    }
    SECTION("a second one") {
        consume_replies(test, 1, "r");
        test.commands();
        consume_replies(test, 1, "s");
        CHECK(test.commands() == Lines{"1 60,20 FailChannel{PRECONDITION_FAILED - reply consumer already set}"});
    }
    SECTION("a tag in use") {
        consume_replies(test, 1, "r");
        test.commands();
        consume_replies(test, 1, "r");
        CHECK(test.commands() == Lines{"0 60,20 FailConnection{NOT_ALLOWED - attempt to reuse consumer tag 'r'}"});
    }
}

TEST_CASE("direct reply-to: reply-to becomes the channel's address, all else stays", "[session][D2]") {
    TestSession test;
    test.open().open_channel();
    consume_replies(test, 1, "r");
    test.feed(test::publish_frames(1, "", "q", "body", asking()));
    amqp::BasicProperties expected = asking();
    expected.reply_to = first_address;
    CHECK(published(test) == expected);
    CHECK(test.commands().back() == "1 publish{/q body}");

    amqp::BasicProperties own = asking();
    own.reply_to = "my.queue";
    test.feed(test::publish_frames(1, "", "q", "body", own));
    CHECK(published(test) == own);
}

TEST_CASE("direct reply-to: without a consumer on the same channel it is a mistake", "[session][D2]") {
    const Lines refused{"1 60,40 FailChannel{PRECONDITION_FAILED - fast reply consumer does not exist}"};
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    consume_replies(test, 2, "r");
    SECTION("another channel's does not count") {}
    SECTION("a cancelled one does not count") {
        consume_replies(test, 1, "r");
        test.send(1, Cancel{.consumer_tag = {"r"}});
    }
    test.commands();
    test.feed(test::publish_frames(1, "", "q", "body", asking()));
    CHECK(test.commands() == refused);
}

TEST_CASE("direct reply-to: a new consumer after a cancel has a new address", "[session][D6]") {
    TestSession test;
    test.open().open_channel();
    consume_replies(test, 1, "r");
    test.send(1, Cancel{.consumer_tag = {"r"}});
    consume_replies(test, 1, "s");
    test.feed(test::publish_frames(1, "", "q", "body", asking()));
    const auto address = published(test).reply_to;
    REQUIRE(address.has_value());
    CHECK(broker::is_reply_address(*address));
    CHECK(*address != first_address);
}

TEST_CASE("direct reply-to: replies take tags from the channel's sequence and need no acknowledgement",
          "[session][D5][C20]") {
    TestSession test;
    test.open().open_channel();
    const auto queue = test.consume(1, "q", "c");
    const auto replies = test.consume(1, broker::reply_queue, "r", true);
    test.events(TestSession::delivery(queue, 1), TestSession::delivery(replies, 0), TestSession::delivery(queue, 2));
    const Lines sent = test.sent();
    REQUIRE(sent.size() == 9);
    CHECK_THAT(sent[3], Catch::Contains("delivery_tag=2") && !Catch::Contains("redelivered"));
    CHECK_THAT(sent[6], Catch::Contains("delivery_tag=3"));
    CHECK(test.session.snapshot().channels.at(0).messages_unacknowledged == 2);
}

TEST_CASE("direct reply-to: declaring needs no permission", "[session][D4]") {
    TestSession test;
    test.open().open_channel();
    test.authenticator.set({"", "", ""});
    test.send(1, amqp::queue::Declare{.queue = {first_address}});
    CHECK(test.commands() == Lines{"1 50,10 DeclareQueue{" + std::string(first_address) + "}"});
}
