// What clients see of a memory alarm, from the watermark to the socket. A watermark of 0 is an alarm at once [L1].
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

namespace broker::test {
namespace {

using namespace amqp;

constexpr std::uint64_t everything = std::uint64_t{1} << 60;

config::Watermark absolute(std::uint64_t bytes) {
    return {.relative = {}, .absolute_bytes = bytes};
}

void short_of_memory(config::Settings& settings) {
    settings.memory_high_watermark = absolute(0);
}

} // namespace

TEST_CASE("alarms: publishers are blocked and told, consumers go on, until it clears",
          "[integration][L1][L2][L3][L3a]") {
    RunningBroker broker;
    AmqpClient publisher = AmqpClient::open(broker.port());
    publisher.confirm_select();
    AmqpClient consumer = AmqpClient::open(broker.port());
    consumer.declare("q");
    consumer.call<basic::ConsumeOk>(basic::Consume{.queue = {"q"}});
    publisher.publish("", "q", "before");
    publisher.expect_confirms(1, 1);
    CHECK(consumer.expect_delivery().body == "before");

    broker.change_settings(short_of_memory);
    publisher.publish("", "q", "read already");
    CHECK(publisher.expect<connection::Blocked>(0).reason == ShortString{"low on memory"});
    publisher.expect_confirms(2, 2);
    publisher.publish("", "q", "waits");

    CHECK(consumer.expect_delivery().body == "read already");
    consumer.send(basic::Ack{.delivery_tag = 0, .multiple = true});
    CHECK(consumer.ready_messages("q") == 0); // the other one is still on its way
    AmqpClient newcomer = AmqpClient::open(broker.port());
    CHECK_NOTHROW(newcomer.declare("another"));

    broker.change_settings([](config::Settings& settings) { settings.memory_high_watermark = absolute(everything); });
    publisher.expect<connection::Unblocked>(0);
    publisher.expect_confirms(3, 3);
    CHECK(consumer.expect_delivery().body == "waits");
}

TEST_CASE("alarms: a blocked client that stops publishing can close", "[integration][L2]") {
    RunningBroker broker(short_of_memory);
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    client.publish("", "q", "x");
    client.expect<connection::Blocked>(0);
    CHECK(client.get("q").body == "x");
    CHECK_NOTHROW(client.close());
}

TEST_CASE("alarms: a broker that stops does not wait for blocked publishers", "[integration][L3][R.320]") {
    RunningBroker broker(short_of_memory);
    AmqpClient client = AmqpClient::open(broker.port());
    client.publish("", "q", "x");
    client.expect<connection::Blocked>(0);
    client.publish("", "q", "held");
    broker.stop();
    CHECK(client.expect<connection::Close>(0).reply_code == 320);
}

} // namespace broker::test
