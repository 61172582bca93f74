// What clients see when the broker is told to stop, as by SIGTERM.
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <system_error>
#include <vector>

namespace broker::test {
namespace {

using namespace amqp;

const CloseReason forced{320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'", {}};

} // namespace

TEST_CASE("shutdown: clients are told with connection.close 320", "[integration][R.320]") {
    RunningBroker broker;
    std::vector<AmqpClient> clients;
    for (int i = 0; i < 5; ++i) {
        clients.push_back(AmqpClient::open(broker.port()));
    }
    auto stopped = std::async(std::launch::async, [&] { broker.stop(); });
    for (AmqpClient& client : clients) {
        CHECK(client.expect_connection_close() == forced);
    }
    stopped.get();
    CHECK_THROWS_AS(AmqpClient(broker.port()), std::system_error);
}

TEST_CASE("shutdown: who does not answer is dropped", "[integration][R.320]") {
    RunningBroker broker;
    AmqpClient silent = AmqpClient::open(broker.port());
    AmqpClient half_way(broker.port()); // in the middle of its handshake
    half_way.log_in_until_tune();
    half_way.expect<connection::Tune>(0);
    broker.stop();
    CHECK(silent.expect<connection::Close>(0).reply_code == 320);
    CHECK_NOTHROW(silent.expect_end());
    CHECK_NOTHROW(half_way.expect_end());
}

TEST_CASE("shutdown: what was confirmed before is there afterwards", "[integration][R.320][durability]") {
    RunningBroker broker;
    AmqpClient publisher = AmqpClient::open(broker.port());
    publisher.declare("q", true);
    publisher.confirm_select();
    publisher.publish("", "q", "x", {.properties = persistent()});
    publisher.expect_confirms(1, 1);
    auto stopped = std::async(std::launch::async, [&] { broker.stop(); });
    // Publishes on until it is told, as a publisher does that has not read yet.
    DeliveryTag published = 1;
    DeliveryTag confirmed = 1;
    for (bool told = false; !told;) {
        publisher.publish("", "q", "x", {.properties = persistent()});
        ++published;
        const ReceivedFrame& frame = publisher.receive();
        const MethodId id = method_id(frame.payload).value();
        told = id == connection::Close::id;
        if (id == basic::Ack::id) {
            confirmed = decode_method<basic::Ack>(Bytes(frame.payload).substr(4)).value().delivery_tag;
        }
    }
    publisher.send(connection::CloseOk{}, 0);
    CHECK_NOTHROW(publisher.expect_end());
    stopped.get();
    broker.restart();
    AmqpClient client = AmqpClient::open(broker.port());
    const std::uint32_t there = client.ready_messages("q");
    CHECK(there >= confirmed);
    CHECK(there <= published);
}

TEST_CASE("shutdown: messages that expire meanwhile reach no closed store", "[integration][R.320][durability]") {
    RunningBroker broker;
    AmqpClient publisher = AmqpClient::open(broker.port());
    publisher.declare("q", true);
    publisher.confirm_select();
    // One goes every millisecond, of those that were not gone before: also while the store is closed, which takes tens.
    constexpr int count = 2000;
    for (int i = 1; i <= count; ++i) {
        publisher.publish("", "q", "x", {.properties = persistent(i)});
    }
    publisher.publish("", "q", "stays", {.properties = persistent()});
    publisher.expect_confirms(1, count + 1);
    auto stopped = std::async(std::launch::async, [&] { broker.stop(); });
    publisher.expect_connection_close();
    publisher.send(connection::CloseOk{}, 0);
    CHECK_NOTHROW(stopped.get());
    broker.restart();
    AmqpClient client = AmqpClient::open(broker.port());
    client.call<basic::ConsumeOk>(basic::Consume{.queue = {"q"}, .no_ack = true});
    while (client.expect_delivery().body != "stays") {
    }
    CHECK(client.ready_messages("q") == 0);
}

} // namespace broker::test
