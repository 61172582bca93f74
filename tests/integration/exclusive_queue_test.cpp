#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

namespace broker::test {
namespace {

using namespace amqp;

const queue::Declare exclusive{.queue = {"mine"}, .exclusive = true};
const std::string locked = "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'mine' in vhost '/'. It "
                           "could be originally declared on another connection or the exclusive property value does "
                           "not match that of the original declaration.";

} // namespace

TEST_CASE("exclusive: a queue is locked to its connection", "[integration][C14][R.405]") {
    const RunningBroker broker;
    AmqpClient owner = AmqpClient::open(broker.port());
    owner.call<queue::DeclareOk>(exclusive);
    owner.call<queue::DeclareOk>(exclusive); // as often as it likes
    AmqpClient other = AmqpClient::open(broker.port());
    const auto refused = [&](const auto& method, MethodId id) {
        other.send(method);
        CHECK(other.expect_channel_close() == CloseReason{405, locked, id});
        other.open_channel(1);
    };
    refused(exclusive, queue::Declare::id);
    refused(queue::Declare{.queue = {"mine"}, .passive = true}, queue::Declare::id);
    refused(basic::Consume{.queue = {"mine"}}, basic::Consume::id);
    refused(basic::Get{0, {"mine"}}, basic::Get::id);
    refused(queue::Purge{0, {"mine"}}, queue::Purge::id);
    refused(queue::Delete{0, {"mine"}}, queue::Delete::id);
    refused(queue::Bind{0, {"mine"}, {"amq.direct"}, {"k"}}, queue::Bind::id);
}

TEST_CASE("exclusive: after close-ok the name is free at once", "[integration][C14][M.connection]") {
    const RunningBroker broker;
    for (int i = 0; i < 50; ++i) {
        AmqpClient client = AmqpClient::open(broker.port());
        REQUIRE(client.call<queue::DeclareOk>(exclusive).message_count == 0);
        client.publish("", "mine", "gone with the queue");
        client.close();
    }
}

TEST_CASE("exclusive: a connection that is lost gives its queues up", "[integration][C14][C17]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.call<queue::DeclareOk>(exclusive);
    client.call<queue::BindOk>(queue::Bind{0, {"mine"}, {"amq.fanout"}});
    client.socket().reset();
    // Nobody tells when the broker has noticed: the mandatory message returns once the queue is gone.
    AmqpClient other = AmqpClient::open(broker.port());
    other.confirm_select();
    ReceivedFrame frame;
    do {
        other.publish("amq.fanout", "", "anybody?", {.mandatory = true});
        REQUIRE(other.receive_any(frame));
    } while (method_id(frame.payload).value() != basic::Return::id);
    AmqpClient next = AmqpClient::open(broker.port());
    CHECK(next.call<queue::DeclareOk>(exclusive).message_count == 0);
}

} // namespace broker::test
