#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

namespace broker::test {
namespace {

using namespace amqp;

const CloseReason no_queue{404, "NOT_FOUND - no queue 'none' in vhost '/'", queue::Declare::id};

void ask_for_missing_queue(AmqpClient& client, ChannelNumber channel = 1) {
    client.send(queue::Declare{.queue = {"none"}, .passive = true}, channel);
}

} // namespace

TEST_CASE("channel: its number is free again after close-ok", "[integration][M.channel]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    for (int i = 0; i < 3; ++i) {
        client.call<channel::CloseOk>(channel::Close{200});
        client.open_channel(1);
    }
    CHECK_NOTHROW(client.declare("q"));
}

TEST_CASE("channel: a method out of order ends the connection", "[integration][M.channel][R.504]") {
    const RunningBroker broker;
    AmqpClient twice = AmqpClient::open(broker.port());
    twice.send(channel::Open{});
    CHECK(twice.expect_connection_close() ==
          CloseReason{504, "CHANNEL_ERROR - second 'channel.open' seen", channel::Open::id});
    AmqpClient never = AmqpClient::open(broker.port());
    never.send(queue::Declare{.queue = {"q"}}, 5);
    CHECK(never.expect_connection_close() ==
          CloseReason{504, "CHANNEL_ERROR - expected 'channel.open'", queue::Declare::id});
}

TEST_CASE("channel: flow can be asked for, but not stopped", "[integration][M.channel]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    CHECK(client.call<channel::FlowOk>(channel::Flow{true}).active);
    client.send(channel::Flow{false});
    CHECK(client.expect_connection_close() == CloseReason{540, "NOT_IMPLEMENTED - active=false", channel::Flow::id});
}

TEST_CASE("channel: access.request is answered", "[integration][M.access]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    CHECK(client.call<access::RequestOk>(access::Request{{"/data"}}).ticket == 1);
}

TEST_CASE("channel: an error closes it and nothing else", "[integration][F11][M.channel]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.open_channel(2);
    ask_for_missing_queue(client);
    CHECK(client.expect_channel_close() == no_queue);
    client.call<queue::DeclareOk>(queue::Declare{.queue = {"q"}}, 2);
    client.open_channel(1);
    CHECK(client.declare("q") == "q");
}

TEST_CASE("channel: after the server's close everything but close is ignored", "[integration][M.channel][C35]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    ask_for_missing_queue(client);
    client.publish("", "q", "content of a channel that is gone");
    client.send(queue::Declare{.queue = {"ignored"}});
    client.expect_channel_close();
    client.open_channel(1);
    CHECK(client.ready_messages("q") == 0);
    client.send(queue::Declare{.queue = {"ignored"}, .passive = true});
    CHECK(client.expect_channel_close().code == 404);
}

TEST_CASE("channel: a close that crosses the server's is answered", "[integration][M.channel]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    std::string octets;
    write_method(octets, 1, queue::Declare{.queue = {"none"}, .passive = true});
    write_method(octets, 1, channel::Close{200});
    client.send_octets(octets); // the close comes before the server's could be answered
    client.expect<channel::Close>();
    client.expect<channel::CloseOk>();
    client.send(channel::CloseOk{});
    client.open_channel(1);
    CHECK_NOTHROW(client.declare("q"));
}

TEST_CASE("channel: after crossing closes the number may be used at once", "[integration][M.channel]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    ask_for_missing_queue(client);
    client.expect<channel::Close>();
    client.call<channel::CloseOk>(channel::Close{200}); // instead of close-ok
    client.open_channel(1);
    CHECK_NOTHROW(client.declare("q"));
}

TEST_CASE("channel: answers to what came before the mistake come before the close", "[integration][F12]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    std::string octets;
    write_method(octets, 1, queue::Declare{.queue = {"durable"}, .durable = true}); // waits for the disk
    write_method(octets, 1, queue::Declare{.queue = {"none"}, .passive = true});
    client.send_octets(octets);
    CHECK(client.expect<queue::DeclareOk>().queue == ShortString{"durable"});
    CHECK(client.expect_channel_close() == no_queue);
}

TEST_CASE("connection: a close that crosses the server's is answered", "[integration][P23]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    std::string octets;
    write_method(octets, 1, channel::Open{}); // a mistake
    write_method(octets, 0, connection::Close{200});
    client.send_octets(octets);
    CHECK(client.expect<connection::Close>(0).reply_code == 504);
    client.expect<connection::CloseOk>(0);
    client.send(connection::CloseOk{}, 0);
    CHECK_NOTHROW(client.expect_end());
}

TEST_CASE("connection: after the server's close everything but close is ignored", "[integration][P23]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.send(channel::Open{});
    CHECK(client.expect<connection::Close>(0).reply_code == 504);
    client.send(queue::Declare{.queue = {"q"}});
    client.send(connection::Open{{"/"}}, 0);
    client.send(connection::CloseOk{}, 0);
    CHECK_NOTHROW(client.expect_end());
}

TEST_CASE("connection: closing it with many channels open is one step", "[integration][M.connection]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    for (ChannelNumber channel = 2; channel <= 200; ++channel) {
        client.open_channel(channel);
        client.call<queue::DeclareOk>(queue::Declare{.exclusive = true}, channel);
    }
    client.close();
    client.socket().shut_down();
    CHECK_NOTHROW(client.expect_end());
}

} // namespace broker::test
