#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace broker::test {
namespace {

using namespace amqp;

// A whole connection as a client that never waits would write it: log in, declare, publish, get, close.
std::string whole_session() {
    using namespace std::string_literals;
    std::string octets(protocol_header);
    const std::string properties = ClientOptions::all_capabilities().encode();
    const std::string response = "\0guest\0guest"s;
    write_method(octets, 0, connection::StartOk{{properties}, {"PLAIN"}, {response}, {"en_US"}});
    write_method(octets, 0, connection::TuneOk{2047, 131'072, 0});
    write_method(octets, 0, connection::Open{{"/"}});
    write_method(octets, 1, channel::Open{});
    write_method(octets, 1, queue::Declare{.queue = {"pipelined"}, .exclusive = true});
    write_method(octets, 1, basic::Publish{.routing_key = {"pipelined"}});
    write_content(octets, 1, *Message::make("", "pipelined", std::string(2, '\0'), "body"), 4096);
    write_heartbeat(octets);
    write_method(octets, 1, basic::Get{0, {"pipelined"}, true});
    write_method(octets, 1, channel::Close{});
    write_method(octets, 0, connection::Close{200});
    return octets;
}

void expect_answers(AmqpClient& client) {
    client.expect<connection::Start>(0);
    client.expect<connection::Tune>(0);
    client.expect<connection::OpenOk>(0);
    client.expect<channel::OpenOk>();
    CHECK(client.expect<queue::DeclareOk>().queue == ShortString{"pipelined"});
    CHECK(client.expect_get_ok().body == "body");
    client.expect<channel::CloseOk>();
    client.expect<connection::CloseOk>(0);
}

} // namespace

TEST_CASE("pipelining: a whole connection may come in one write", "[integration][F12]") {
    const RunningBroker broker;
    AmqpClient client(broker.port());
    client.send_octets(whole_session());
    expect_answers(client);
}

TEST_CASE("pipelining: a whole connection may come octet by octet", "[integration][F1][F12]") {
    const RunningBroker broker;
    AmqpClient client(broker.port());
    for (const char octet : whole_session()) {
        client.send_octets({&octet, 1});
    }
    expect_answers(client);
}

TEST_CASE("pipelining: frames may be cut anywhere", "[integration][F1]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("cut");
    std::string octets;
    write_method(octets, 1, basic::Publish{.routing_key = {"cut"}});
    write_content(octets, 1, *Message::make("", "cut", std::string(2, '\0'), "0123456789"), 4096);
    write_method(octets, 1, basic::Get{0, {"cut"}, true});
    for (std::size_t cut = 1; cut < octets.size(); ++cut) {
        client.send_octets(Bytes(octets).substr(0, cut));
        client.send_octets(Bytes(octets).substr(cut));
        INFO("cut at " << cut);
        REQUIRE(client.expect_get_ok().body == "0123456789");
    }
}

TEST_CASE("pipelining: answers come in the order of the questions", "[integration][F12]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    std::string octets;
    for (int i = 0; i < 500; ++i) {
        const std::string name = "order-" + std::to_string(i % 50);
        write_method(octets, 1, queue::Declare{.queue = {name}, .durable = true});
        write_method(octets, 1, basic::Qos{0, 1, false});
        write_method(octets, 1, queue::Delete{0, {name}});
        write_method(octets, 1, basic::Cancel{{"none"}});
    }
    client.send_octets(octets);
    for (int i = 0; i < 500; ++i) {
        REQUIRE(client.expect<queue::DeclareOk>().queue == ShortString{"order-" + std::to_string(i % 50)});
        client.expect<basic::QosOk>();
        client.expect<queue::DeleteOk>();
        client.expect<basic::CancelOk>();
    }
}

TEST_CASE("pipelining: what a get brings may be settled before its answer has come", "[integration][C19][C22]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("ahead");
    std::string octets;
    constexpr DeliveryTag rounds = 100;
    for (DeliveryTag round = 0; round < rounds; ++round) {
        write_method(octets, 1, basic::Publish{.routing_key = {"ahead"}});
        write_content(octets, 1, *Message::make("", "ahead", std::string(2, '\0'), "body"), 4096);
        write_method(octets, 1, basic::Get{0, {"ahead"}});
        write_method(octets, 1, basic::Recover{true});
        write_method(octets, 1, basic::Get{0, {"ahead"}});
        write_method(octets, 1, basic::Ack{2 * round + 2});
        write_method(octets, 1, basic::Get{0, {"ahead"}});
    }
    client.send_octets(octets);
    for (DeliveryTag round = 0; round < rounds; ++round) {
        CHECK_FALSE(client.expect_get_ok().redelivered);
        client.expect<basic::RecoverOk>();
        CHECK(client.expect_get_ok().redelivered);
        client.expect<basic::GetEmpty>();
    }
}

} // namespace broker::test
