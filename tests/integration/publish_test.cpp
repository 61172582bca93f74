#include "protocol/properties.hpp"
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

namespace broker::test {
namespace {

using namespace amqp;

std::string all_properties() {
    BasicProperties properties;
    properties.content_type = "text/plain";
    properties.content_encoding = "identity";
    properties.headers = FieldTable{{"b", std::int64_t{1}}, {"a", FieldTable{{"deep", true}}}, {"b", 1.5}};
    properties.delivery_mode = 1;
    properties.priority = 3;
    properties.correlation_id = "c";
    properties.reply_to = "r";
    properties.expiration = "60000";
    properties.message_id = "m";
    properties.timestamp = 1'700'000'000;
    properties.type = "t";
    properties.user_id = "guest";
    properties.app_id = "app";
    properties.cluster_id = "cluster";
    return properties.encode();
}

} // namespace

TEST_CASE("publish: properties and body arrive octet for octet", "[integration][C31][M.basic]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    std::string body;
    for (int i = 0; i < 256; ++i) {
        body += static_cast<char>(i);
    }
    client.publish("", "q", body, {.properties = all_properties()});
    const Delivery delivery = client.get("q");
    CHECK(delivery.properties == all_properties());
    CHECK(delivery.body == body);
    CHECK(delivery.exchange.empty());
    CHECK(delivery.routing_key == "q");
    CHECK_FALSE(delivery.redelivered);
}

TEST_CASE("publish: large bodies arrive octet for octet, in whatever pieces they come", "[integration][C31][F5]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    std::string body(400'000, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) {
        body[i] = static_cast<char>(i * 7 + i / 251);
    }
    for (const std::size_t frame_max : {std::size_t{40'000}, std::size_t{131'072}}) {
        const MessagePtr message = Message::make("", "q", all_properties(), body);
        std::string frames;
        write_method(frames, 1, basic::Publish{.routing_key = {"q"}});
        write_content(frames, 1, *message, frame_max);
        frames += frames; // what follows a body in the same read
        for (const std::size_t piece : {std::size_t{977}, std::size_t{16'384}, std::size_t{70'000}, frames.size()}) {
            CAPTURE(frame_max, piece);
            for (std::size_t at = 0; at < frames.size(); at += piece) {
                client.send_octets(Bytes(frames).substr(at, piece));
            }
            for (int i = 0; i < 2; ++i) {
                const Delivery delivery = client.get("q");
                CHECK(delivery.properties == all_properties());
                CHECK((delivery.body == body)); // without printing it
            }
        }
    }
}

TEST_CASE("publish: an empty body is a message", "[integration][C35]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    client.publish("", "q", "");
    CHECK(client.get("q").body.empty());
    client.call<basic::GetEmpty>(basic::Get{0, {"q"}, true});
}

TEST_CASE("publish: a mandatory message that goes nowhere comes back before its confirm", "[integration][C30][R.312]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.confirm_select();
    client.publish("amq.topic", "no.where", "returned", {.properties = all_properties(), .mandatory = true});
    const Delivery returned = client.expect_return();
    CHECK(returned.exchange == "amq.topic");
    CHECK(returned.routing_key == "no.where");
    CHECK(returned.properties == all_properties());
    CHECK(returned.body == "returned");
    client.expect_confirms(1, 1);
    client.publish("amq.topic", "no.where", "dropped"); // not mandatory
    client.expect_confirms(2, 2);
}

TEST_CASE("publish: every message is confirmed once, whatever becomes of it", "[integration][M.confirm]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("durable", true);
    client.declare("transient");
    client.confirm_select();
    client.confirm_select(); // idempotent
    for (int i = 0; i < 1000; ++i) {
        const char* const routing_keys[] = {"durable", "transient", "nowhere"};
        client.publish("", routing_keys[i % 3], "x", {.properties = persistent()});
    }
    client.expect_confirms(1, 1000);
    CHECK(client.ready_messages("durable") == 334);
    CHECK(client.ready_messages("transient") == 333);
}

TEST_CASE("publish: order is kept from one channel through one queue", "[integration][C25]") {
    const RunningBroker broker;
    AmqpClient publisher = AmqpClient::open(broker.port());
    AmqpClient consumer = AmqpClient::open(broker.port());
    publisher.declare("q", true);
    consumer.call<basic::ConsumeOk>(basic::Consume{.queue = {"q"}, .no_ack = true});
    constexpr int count = 2000;
    for (int i = 0; i < count; ++i) {
        publisher.publish("", "q", std::to_string(i), {.properties = i % 2 == 0 ? persistent() : std::string(2, '\0')});
    }
    for (int i = 0; i < count; ++i) {
        REQUIRE(consumer.expect_delivery().body == std::to_string(i));
    }
}

TEST_CASE("publish: to a missing exchange closes the channel", "[integration][C27][R.404]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.publish("missing", "k", "x");
    CHECK(client.expect_channel_close() ==
          CloseReason{404, "NOT_FOUND - no exchange 'missing' in vhost '/'", basic::Publish::id});
}

TEST_CASE("publish: nothing is confirmed after the channel has failed", "[integration][C27]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.confirm_select();
    client.publish("missing", "k", "x");
    client.publish("", "k", "x");
    CHECK(client.expect_channel_close().code == 404);
    client.open_channel(1);
    client.confirm_select();
    client.publish("", "k", "x");
    client.expect_confirms(1, 1);
}

TEST_CASE("publish: bad contents are refused on the channel", "[integration][C27][R.406]") {
    const RunningBroker broker([](config::Settings& settings) { settings.max_message_size_bytes = 1000; });
    AmqpClient client = AmqpClient::open(broker.port());
    client.publish("", "q", std::string(1000, 'x')); // just fits
    client.publish("", "q", std::string(1001, 'x'));
    CHECK(client.expect_channel_close() ==
          CloseReason{406, "PRECONDITION_FAILED - message size 1001 is larger than configured max size 1000",
                      basic::Publish::id});
    BasicProperties properties;
    properties.user_id = "somebody";
    client.open_channel(1);
    client.publish("", "q", "x", {.properties = properties.encode()});
    CHECK(client.expect_channel_close().text ==
          "PRECONDITION_FAILED - user_id property set to 'somebody' but authenticated user was 'guest'");
    properties = {};
    properties.expiration = "soon";
    client.open_channel(1);
    client.publish("", "q", "x", {.properties = properties.encode()});
    CHECK(client.expect_channel_close().text == "PRECONDITION_FAILED - invalid expiration 'soon': {error,no_integer}");
}

TEST_CASE("publish: immediate is not implemented", "[integration][C28][R.540]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.send(basic::Publish{.routing_key = {"q"}, .immediate = true});
    std::string header;
    write_content_header(header, 1, std::string(2, '\0'), 0);
    client.send_octets(header);
    CHECK(client.expect_connection_close() == CloseReason{540, "NOT_IMPLEMENTED - immediate=true", basic::Publish::id});
}

TEST_CASE("publish: 128 MiB pass whole when so configured", "[integration][large]") {
    constexpr std::size_t size = 128 << 20;
    const RunningBroker broker([](config::Settings& settings) { settings.max_message_size_bytes = size; });
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("large", true);
    client.confirm_select();
    std::string body(size, '\0');
    for (std::size_t i = 0; i < size; i += 4099) {
        body[i] = static_cast<char>(i >> 12);
    }
    client.publish("", "large", body, {.properties = persistent()});
    client.expect_confirms(1, 1);
    client.send(basic::Get{0, {"large"}, true});
    CHECK((client.expect_get_ok().body == body)); // without printing it
}

} // namespace broker::test
