#include "protocol/field_table.hpp"
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

namespace broker::test {
namespace {

using namespace amqp;

const std::string* text_of(const FieldTable& table, std::string_view key) {
    const FieldValue* const value = table.find(key);
    return value == nullptr ? nullptr : value->as_string();
}

} // namespace

TEST_CASE("handshake: connection.start says who the server is", "[integration][P1][P5][P6][P7]") {
    const RunningBroker broker;
    AmqpClient client(broker.port());
    client.send_octets(protocol_header);

    const auto start = client.expect<connection::Start>(0);
    CHECK(start.version_major == 0);
    CHECK(start.version_minor == 9);
    CHECK(std::string_view(start.locales) == "en_US");
    CHECK_THAT(std::string(start.mechanisms), Catch::Contains("PLAIN") && Catch::Contains("AMQPLAIN"));

    const FieldTable properties = FieldTable::decode(start.server_properties).value();
    REQUIRE(text_of(properties, "product") != nullptr);
    CHECK(*text_of(properties, "product") == "RabbitMQ");
    for (const char* key : {"version", "cluster_name", "platform", "copyright", "information"}) {
        INFO(key);
        CHECK(text_of(properties, key) != nullptr);
    }
    const FieldValue* const capabilities = properties.find("capabilities");
    REQUIRE(capabilities != nullptr);
    REQUIRE(capabilities->get_if<FieldTable>() != nullptr);
    for (const char* key : {"publisher_confirms", "exchange_exchange_bindings", "basic.nack", "consumer_cancel_notify",
                            "connection.blocked", "consumer_priorities", "authentication_failure_close",
                            "per_consumer_qos", "direct_reply_to"}) {
        INFO(key);
        const FieldValue* const capability = capabilities->get_if<FieldTable>()->find(key);
        REQUIRE(capability != nullptr);
        CHECK(*capability == FieldValue(true));
    }
}

TEST_CASE("handshake: the header of 0-9 is taken for 0-9-1", "[integration][P1]") {
    const RunningBroker broker;
    AmqpClient client(broker.port());
    client.send_octets({"AMQP\x01\x01\x00\x09", 8});
    CHECK(client.expect<connection::Start>(0).version_minor == 9);
}

TEST_CASE("handshake: any other header is answered with ours and the end", "[integration][P1][P2]") {
    const RunningBroker broker;
    using namespace std::string_view_literals;
    for (const Bytes header :
         {"AMQP\x03\x01\x00\x00"sv, "AMQP\x00\x01\x00\x00"sv, "AMQP\x00\x00\x0a\x00"sv,
          "GET / HTTP/1.1\r\nHost: x\r\n\r\n"sv, "\x16\x03\x01\x02\x00\x01\x00\x01"sv, "\0\0\0\0\0\0\0\0"sv}) {
        AmqpClient client(broker.port());
        client.send_octets(header);
        std::string answer;
        while (client.socket().receive(answer)) {
        }
        CHECK(answer == protocol_header);
    }
}

TEST_CASE("handshake: who connects and leaves disturbs nobody", "[integration][P2]") {
    const RunningBroker broker;
    for (const Bytes octets : {Bytes(), Bytes("A"), Bytes("AMQP\0\0", 6), protocol_header}) {
        AmqpClient client(broker.port());
        client.send_octets(octets);
        client.socket().shut_down();
    }
    CHECK_NOTHROW(AmqpClient::open(broker.port()).close());
}

TEST_CASE("handshake: AMQPLAIN logs in with a table of LOGIN and PASSWORD", "[integration][P12]") {
    const RunningBroker broker;
    AmqpClient client(broker.port());
    client.send_octets(protocol_header);
    client.expect<connection::Start>(0);
    const std::string response = FieldTable{{"LOGIN", "guest"}, {"PASSWORD", "guest"}}.encode();
    client.send(connection::StartOk{{}, {"AMQPLAIN"}, {response}, {"en_US"}}, 0);
    client.expect<connection::Tune>(0);
}

TEST_CASE("handshake: tune announces what is configured", "[integration][P19]") {
    const RunningBroker broker([](config::Settings& settings) {
        settings.channel_max = 7;
        settings.frame_max_bytes = 65'536;
        settings.heartbeat_s = 23;
    });
    AmqpClient client(broker.port());
    client.log_in_until_tune();
    const auto tune = client.expect<connection::Tune>(0);
    CHECK(tune.channel_max == 7);
    CHECK(tune.frame_max == 65'536);
    CHECK(tune.heartbeat == 23);
}

TEST_CASE("handshake: tune-ok within the limits is accepted", "[integration][P19]") {
    const RunningBroker broker;
    struct Row {
        std::uint16_t channel_max;
        std::uint32_t frame_max;
    };
    for (const Row row : {Row{2047, 131'072}, Row{1, 131'072}, Row{2047, 4096}, Row{100, 8192}}) {
        AmqpClient client(broker.port());
        ClientOptions options;
        options.channel_max = row.channel_max;
        options.frame_max = row.frame_max;
        CHECK_NOTHROW(client.log_in(options));
    }
}

TEST_CASE("handshake: the number of open channels is limited, not their ids", "[integration][F7]") {
    const RunningBroker broker;
    AmqpClient client(broker.port());
    ClientOptions options;
    options.channel_max = 2;
    client.log_in(options);
    client.open_channel(65'535);
    client.open_channel(1000);
    client.send(channel::Open{}, 3);
    CHECK(client.expect_connection_close() ==
          CloseReason{530, "NOT_ALLOWED - number of channels opened (2) has reached the negotiated channel_max (2)",
                      channel::Open::id});
}

} // namespace broker::test
