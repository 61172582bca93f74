// ack, nack, reject, recover and prefetch.
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace broker::test {
namespace {

using namespace amqp;

// A client that has got messages "1" to "n" of queue q with those tags, and acknowledged none.
AmqpClient with_unacked(const RunningBroker& broker, int n) {
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    for (int i = 1; i <= n; ++i) {
        client.publish("", "q", std::to_string(i));
    }
    client.call<basic::ConsumeOk>(basic::Consume{.queue = {"q"}, .consumer_tag = {"c"}});
    for (int i = 1; i <= n; ++i) {
        REQUIRE(client.expect_delivery().body == std::to_string(i));
    }
    client.call<basic::CancelOk>(basic::Cancel{{"c"}}); // so that what returns stays in the queue
    return client;
}

// All ready messages of q, with a mark at those delivered before.
std::string drain(AmqpClient& client) {
    std::string bodies;
    while (client.ready_messages("q") > 0) {
        const Delivery delivery = client.get("q");
        bodies += delivery.body + (delivery.redelivered ? "' " : " ");
    }
    return bodies;
}

CloseReason unknown_tag(std::uint64_t tag, MethodId method) {
    return {406, "PRECONDITION_FAILED - unknown delivery tag " + std::to_string(tag), method};
}

} // namespace

TEST_CASE("settle: what is acknowledged is gone, the rest returns in its place", "[integration][C21][C23][C24]") {
    const RunningBroker broker;
    AmqpClient watcher = AmqpClient::open(broker.port());
    {
        AmqpClient client = with_unacked(broker, 8);
        client.send(basic::Ack{2, true});
        client.send(basic::Ack{4});
        client.send(basic::Nack{5, false, true});
        client.send(basic::Reject{6, false});
        CHECK(drain(client) == "5' ");
        client.close();
    }
    CHECK(drain(watcher) == "3' 7' 8' ");
}

TEST_CASE("settle: multiple covers all older ones, tag 0 all there are", "[integration][C21]") {
    const RunningBroker broker;
    AmqpClient client = with_unacked(broker, 6);
    client.send(basic::Nack{2, true, true});
    CHECK(drain(client) == "1' 2' ");
    client.send(basic::Nack{0, true, true});
    CHECK(drain(client) == "3' 4' 5' 6' ");
    client.send(basic::Ack{0, true}); // nothing is outstanding, which is no error
    CHECK_NOTHROW(client.declare("q"));
}

TEST_CASE("settle: an unknown delivery tag closes the channel", "[integration][C21][R.406]") {
    const RunningBroker broker;
    const auto answer = [&](auto... methods) {
        AmqpClient client = with_unacked(broker, 3);
        (client.send(methods), ...);
        const CloseReason reason = client.expect_channel_close();
        client.open_channel(1);
        client.call<queue::DeleteOk>(queue::Delete{0, {"q"}});
        return reason;
    };
    CHECK(answer(basic::Ack{4}) == unknown_tag(4, basic::Ack::id));
    CHECK(answer(basic::Ack{0}) == unknown_tag(0, basic::Ack::id));
    CHECK(answer(basic::Ack{1}, basic::Ack{1}) == unknown_tag(1, basic::Ack::id));
    CHECK(answer(basic::Ack{2}, basic::Ack{2, true}) == unknown_tag(2, basic::Ack::id));
    CHECK(answer(basic::Reject{9, true}) == unknown_tag(9, basic::Reject::id));
    CHECK(answer(basic::Nack{9, false, true}) == unknown_tag(9, basic::Nack::id));
}

TEST_CASE("settle: tags belong to their channel", "[integration][C20][C21]") {
    const RunningBroker broker;
    AmqpClient client = with_unacked(broker, 2);
    client.open_channel(2);
    client.send(basic::Ack{1}, 2);
    CHECK(client.expect_channel_close(2) == unknown_tag(1, basic::Ack::id));
    client.send(basic::Ack{1});
    CHECK_NOTHROW(client.declare("q"));
}

TEST_CASE("settle: closing a channel or losing a connection returns everything", "[integration][C23][C24]") {
    const RunningBroker broker;
    AmqpClient watcher = AmqpClient::open(broker.port());
    {
        AmqpClient client = with_unacked(broker, 2);
        client.call<channel::CloseOk>(channel::Close{200});
        CHECK(drain(watcher) == "1' 2' ");
    }
    AmqpClient client = with_unacked(broker, 2);
    watcher.call<basic::ConsumeOk>(basic::Consume{.queue = {"q"}, .no_ack = true});
    client.socket().reset();
    CHECK(watcher.expect_delivery().body == "1");
    const Delivery second = watcher.expect_delivery();
    CHECK(second.body == "2");
    CHECK(second.redelivered);
}

TEST_CASE("recover: everything unacked returns", "[integration][C22]") {
    const RunningBroker broker;
    AmqpClient client = with_unacked(broker, 3);
    client.send(basic::Ack{2});
    client.call<basic::RecoverOk>(basic::Recover{true});
    CHECK(drain(client) == "1' 3' ");
    client.publish("", "q", "4");
    client.get("q", false);
    client.send(basic::RecoverAsync{true}); // without an answer
    CHECK(drain(client) == "4' ");
    client.send(basic::Recover{false});
    CHECK(client.expect_connection_close() == CloseReason{540, "NOT_IMPLEMENTED - requeue=false", basic::Recover::id});
}

TEST_CASE("qos: a consumer has at most its prefetch unacked", "[integration][C18]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    for (int i = 1; i <= 5; ++i) {
        client.publish("", "q", std::to_string(i));
    }
    client.call<basic::QosOk>(basic::Qos{0, 2, false});
    client.call<basic::ConsumeOk>(basic::Consume{.queue = {"q"}});
    CHECK(client.expect_delivery().body == "1");
    CHECK(client.expect_delivery().body == "2");
    CHECK(client.ready_messages("q") == 3); // and nothing came before the answer
    client.send(basic::Ack{1});
    CHECK(client.expect_delivery().body == "3");
    CHECK(client.get("q").body == "4"); // get takes no notice
    client.send(basic::Ack{3, true});
    CHECK(client.expect_delivery().body == "5");
}

TEST_CASE("qos: a limit in octets is not implemented", "[integration][C18][R.540]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.send(basic::Qos{100, 1, false});
    CHECK(client.expect_connection_close().text == "NOT_IMPLEMENTED - prefetch_size!=0 (100)");
}

} // namespace broker::test
