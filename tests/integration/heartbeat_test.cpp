// Heartbeats at an interval of one second. What is waited for is what the broker sends, never the time itself.
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

namespace broker::test {
namespace {

using namespace amqp;

ClientOptions every_second() {
    ClientOptions options;
    options.heartbeat_s = 1;
    return options;
}

void expect_heartbeat(AmqpClient& client) {
    ReceivedFrame frame;
    REQUIRE(client.receive_any(frame));
    REQUIRE(frame.type == FrameType::heartbeat);
    CHECK(frame.channel == 0);
    CHECK(frame.payload.empty());
}

} // namespace

TEST_CASE("heartbeat: a silent client is dropped without a word", "[integration][H1][H2][H3][H4]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port(), every_second());
    expect_heartbeat(client);
    expect_heartbeat(client);
    CHECK_NOTHROW(client.expect_end()); // which passes over more heartbeats, but over nothing else
}

TEST_CASE("heartbeat: a client that sends them stays", "[integration][H3][H6]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port(), every_second());
    for (int i = 0; i < 5; ++i) { // one a second: longer than a silent client lives
        expect_heartbeat(client);
        client.send_heartbeat();
    }
    CHECK_NOTHROW(client.close());
}

TEST_CASE("heartbeat: anything that comes counts", "[integration][H3]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port(), every_second());
    std::string octets;
    write_method(octets, 1, queue::Declare{.queue = {"slow-typist"}, .exclusive = true});
    for (int i = 0; i < 5; ++i) {
        expect_heartbeat(client);
        client.send_octets(Bytes(octets).substr(static_cast<std::size_t>(i), 1)); // a frame that never ends
    }
    client.send_octets(Bytes(octets).substr(5));
    CHECK(client.expect<queue::DeclareOk>().queue == ShortString{"slow-typist"});
}

TEST_CASE("heartbeat: 0 switches them off", "[integration][H1]") {
    const RunningBroker broker([](config::Settings& settings) { settings.heartbeat_s = 1; });
    AmqpClient quiet = AmqpClient::open(broker.port());
    AmqpClient clock = AmqpClient::open(broker.port(), every_second());
    CHECK_NOTHROW(clock.expect_end());
    // By now the quiet one would have got heartbeats, and would have been dropped.
    quiet.send(queue::Declare{.queue = {"q"}});
    ReceivedFrame frame;
    REQUIRE(quiet.receive_any(frame));
    CHECK(frame.type == FrameType::method);
}

} // namespace broker::test
