#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace broker::test {
namespace {

using namespace amqp;

constexpr int count = 500;

// Everything durable here has been answered or confirmed when this returns, and must come back.
void make_things(const RunningBroker& broker) {
    AmqpClient client = AmqpClient::open(broker.port());
    client.call<exchange::DeclareOk>(exchange::Declare{.exchange = {"durable-e"}, .type = {"topic"}, .durable = true});
    client.call<exchange::DeclareOk>(exchange::Declare{.exchange = {"transient-e"}, .type = {"topic"}});
    client.call<exchange::BindOk>(exchange::Bind{0, {"durable-e"}, {"amq.fanout"}, {""}});
    client.declare("durable", true);
    client.declare("transient");
    client.call<queue::BindOk>(queue::Bind{0, {"durable"}, {"durable-e"}, {"a.#"}});
    client.call<queue::DeclareOk>(queue::Declare{.queue = {"exclusive"}, .durable = true, .exclusive = true});
    client.confirm_select();
    for (int i = 0; i < count; ++i) {
        client.publish("durable-e", "a.b", std::to_string(i), {.properties = persistent()});
    }
    client.publish("durable-e", "a.b", "transient message");
    client.expect_confirms(1, count + 1);
}

std::vector<std::string> bodies_of(AmqpClient& client, std::string_view queue) {
    std::vector<std::string> bodies;
    while (client.ready_messages(queue) > 0) {
        bodies.push_back(client.get(queue).body);
    }
    return bodies;
}

std::vector<std::string> numbers(int from, int to) {
    std::vector<std::string> result;
    for (int i = from; i < to; ++i) {
        result.push_back(std::to_string(i));
    }
    return result;
}

void check_missing(AmqpClient& client, std::string_view queue) {
    client.send(queue::Declare{.queue = {queue}, .passive = true});
    CHECK(client.expect_channel_close().code == 404);
    client.open_channel(1);
}

void check_things(const RunningBroker& broker) {
    AmqpClient client = AmqpClient::open(broker.port());
    check_missing(client, "transient");
    check_missing(client, "exclusive");
    client.publish("amq.fanout", "a.c", "through both bindings");
    std::vector<std::string> expected = numbers(0, count);
    expected.push_back("through both bindings");
    CHECK(bodies_of(client, "durable") == expected);
    client.send(exchange::Declare{.exchange = {"transient-e"}, .passive = true});
    CHECK(client.expect_channel_close().code == 404);
}

} // namespace

TEST_CASE("restart: what is durable comes back, in order", "[integration][durability]") {
    RunningBroker broker;
    make_things(broker);
    broker.restart();
    check_things(broker);
}

TEST_CASE("restart: after a crash nothing that was confirmed is missing", "[integration][durability]") {
    RunningBroker broker;
    make_things(broker);
    broker.restart_as_after_a_crash();
    check_things(broker);
}

TEST_CASE("restart: what was acknowledged stays gone, what was not returns", "[integration][durability][C24]") {
    RunningBroker broker;
    make_things(broker);
    {
        AmqpClient client = AmqpClient::open(broker.port());
        client.call<basic::QosOk>(basic::Qos{0, 200, false});
        client.call<basic::ConsumeOk>(basic::Consume{.queue = {"durable"}});
        for (int i = 0; i < 200; ++i) {
            client.expect_delivery();
        }
        client.send(basic::Ack{100, true});
        client.close();
    }
    broker.restart();
    AmqpClient client = AmqpClient::open(broker.port());
    CHECK(bodies_of(client, "durable") == numbers(100, count));
}

TEST_CASE("restart: deleted things stay deleted", "[integration][durability]") {
    RunningBroker broker;
    make_things(broker);
    {
        AmqpClient client = AmqpClient::open(broker.port());
        CHECK(client.call<queue::PurgeOk>(queue::Purge{0, {"durable"}}).message_count == count + 1);
        client.call<exchange::DeleteOk>(exchange::Delete{0, {"durable-e"}});
        client.declare("deleted", true);
        client.call<queue::DeleteOk>(queue::Delete{0, {"deleted"}});
    }
    broker.restart_as_after_a_crash();
    AmqpClient client = AmqpClient::open(broker.port());
    CHECK(client.ready_messages("durable") == 0);
    check_missing(client, "deleted");
    client.publish("durable-e", "a.b", "x");
    CHECK(client.expect_channel_close().code == 404);
}

TEST_CASE("restart: a committed transaction survives a crash", "[integration][durability][C32]") {
    RunningBroker broker;
    {
        AmqpClient client = AmqpClient::open(broker.port());
        client.declare("q", true);
        client.call<tx::SelectOk>(tx::Select{});
        client.publish("", "q", "committed", {.properties = persistent()});
        client.call<tx::CommitOk>(tx::Commit{});
        client.publish("", "q", "uncommitted", {.properties = persistent()});
    }
    broker.restart_as_after_a_crash();
    AmqpClient client = AmqpClient::open(broker.port());
    CHECK(bodies_of(client, "q") == std::vector<std::string>{"committed"});
}

TEST_CASE("restart: several in a row, with and without a crash", "[integration][durability]") {
    RunningBroker broker;
    AmqpClient::open(broker.port()).declare("q", true);
    for (int round = 0; round < 4; ++round) {
        {
            AmqpClient client = AmqpClient::open(broker.port());
            client.confirm_select();
            client.publish("", "q", std::to_string(round), {.properties = persistent()});
            client.expect_confirms(1, 1);
        }
        round % 2 == 0 ? broker.restart() : broker.restart_as_after_a_crash();
    }
    AmqpClient client = AmqpClient::open(broker.port());
    CHECK(bodies_of(client, "q") == numbers(0, 4));
}

TEST_CASE("restart: a second broker on the same directory does not start", "[integration][durability]") {
    const RunningBroker broker;
    Broker second(broker.settings(), [] {});
    CHECK_THROWS_WITH(second.start(), Catch::Contains(broker.settings().data_dir));
    CHECK_NOTHROW(AmqpClient::open(broker.port()).declare("unharmed", true));
}

} // namespace broker::test
