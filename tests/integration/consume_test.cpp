#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <set>

namespace broker::test {
namespace {

using namespace amqp;

basic::Consume consume(std::string_view queue, std::string_view tag = "c", bool no_ack = true) {
    return {.queue = {queue}, .consumer_tag = {tag}, .no_ack = no_ack};
}

} // namespace

TEST_CASE("consume: consume-ok comes before the first delivery", "[integration][C15][C20]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    client.publish("", "q", "waiting");
    CHECK(client.call<basic::ConsumeOk>(consume("q")).consumer_tag == ShortString{"c"});
    const Delivery first = client.expect_delivery();
    CHECK(first.consumer_tag == "c");
    CHECK(first.tag == 1);
    CHECK(first.body == "waiting");
    client.publish("", "q", "next");
    CHECK(client.expect_delivery().tag == 2);
    CHECK(client.call<queue::DeclareOk>(queue::Declare{.queue = {"q"}, .passive = true}).consumer_count == 1);
}

TEST_CASE("consume: an empty tag is made up", "[integration][C15]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    const std::string first(client.call<basic::ConsumeOk>(consume("q", "")).consumer_tag);
    const std::string second(client.call<basic::ConsumeOk>(consume("q", "")).consumer_tag);
    CHECK_THAT(first, Catch::StartsWith("amq.ctag-"));
    CHECK(first != second);
}

TEST_CASE("consume: a tag in use ends the connection", "[integration][C15][R.530]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    client.call<basic::ConsumeOk>(consume("q"));
    client.send(consume("q"));
    CHECK(client.expect_connection_close() ==
          CloseReason{530, "NOT_ALLOWED - attempt to reuse consumer tag 'c'", basic::Consume::id});
}

TEST_CASE("consume: an exclusive consumer is alone", "[integration][C15][R.403]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    basic::Consume exclusive = consume("q", "alone");
    exclusive.exclusive = true;
    client.call<basic::ConsumeOk>(exclusive);
    AmqpClient other = AmqpClient::open(broker.port());
    other.send(consume("q"));
    CHECK(other.expect_channel_close() ==
          CloseReason{403, "ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use", basic::Consume::id});
    client.call<basic::CancelOk>(basic::Cancel{{"alone"}});
    other.open_channel(1);
    CHECK_NOTHROW(other.call<basic::ConsumeOk>(consume("q")));
}

TEST_CASE("consume: after cancel-ok nothing more is delivered", "[integration][C16]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    client.call<basic::ConsumeOk>(consume("q"));
    CHECK(client.call<basic::CancelOk>(basic::Cancel{{"c"}}).consumer_tag == ShortString{"c"});
    client.publish("", "q", "stays");
    CHECK(client.ready_messages("q") == 1);
    CHECK(client.call<basic::CancelOk>(basic::Cancel{{"unknown"}}).consumer_tag == ShortString{"unknown"});
    CHECK_NOTHROW(client.call<basic::ConsumeOk>(consume("q"))); // the tag is free again
    CHECK(client.expect_delivery().body == "stays");
}

TEST_CASE("consume: the deletion of its queue cancels a consumer", "[integration][C17][P8]") {
    const RunningBroker broker;
    AmqpClient told = AmqpClient::open(broker.port());
    told.declare("q");
    told.call<basic::ConsumeOk>(consume("q", "told"));
    ClientOptions options;
    options.client_properties = {};
    AmqpClient untold = AmqpClient::open(broker.port(), options);
    untold.call<basic::ConsumeOk>(consume("q", "untold"));

    AmqpClient other = AmqpClient::open(broker.port());
    other.call<queue::DeleteOk>(queue::Delete{0, {"q"}});
    const auto cancel = told.expect<basic::Cancel>();
    CHECK(cancel.consumer_tag == ShortString{"told"});
    CHECK(cancel.no_wait);
    told.send(basic::CancelOk{{"told"}}); // needless, and allowed
    CHECK_NOTHROW(told.declare("another"));
    CHECK_NOTHROW(untold.declare("another"));
}

TEST_CASE("consume: consumers take turns", "[integration][C26]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    for (const char* tag : {"a", "b", "c"}) {
        client.call<basic::ConsumeOk>(consume("q", tag));
    }
    for (int round = 0; round < 3; ++round) {
        std::set<std::string> tags;
        for (int i = 0; i < 3; ++i) {
            client.publish("", "q", "x");
            tags.insert(client.expect_delivery().consumer_tag);
        }
        CHECK(tags.size() == 3);
    }
}

TEST_CASE("consume: the last consumer of an auto-delete queue takes it along", "[integration][C13]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    AmqpClient watcher = AmqpClient::open(broker.port());
    client.call<queue::DeclareOk>(queue::Declare{.queue = {"q"}, .auto_delete = true});
    client.call<basic::ConsumeOk>(consume("q"));
    CHECK(watcher.ready_messages("q") == 0);
    client.close();
    watcher.send(queue::Declare{.queue = {"q"}, .passive = true});
    CHECK(watcher.expect_channel_close().code == 404);
}

TEST_CASE("get: tells what remains, or that there is nothing", "[integration][C19][C20]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q");
    client.call<basic::GetEmpty>(basic::Get{0, {"q"}});
    for (const char* body : {"1", "2", "3"}) {
        client.publish("", "q", body);
    }
    const Delivery first = client.get("q", false);
    CHECK(first.body == "1");
    CHECK(first.message_count == 2);
    CHECK(first.tag == 1);
    const Delivery second = client.get("q");
    CHECK(second.message_count == 1);
    CHECK(second.tag == 2);
    client.send(basic::Ack{1});
    CHECK(client.get("").tag == 3); // the last declared queue [C3]
    client.call<basic::GetEmpty>(basic::Get{0, {"q"}});
}

TEST_CASE("get: a missing queue closes the channel", "[integration][C19][C3][R.404]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.send(basic::Get{0, {"none"}});
    CHECK(client.expect_channel_close() ==
          CloseReason{404, "NOT_FOUND - no queue 'none' in vhost '/'", basic::Get::id});
    client.open_channel(1);
    client.send(basic::Get{});
    CHECK(client.expect_channel_close() ==
          CloseReason{404, "NOT_FOUND - no previously declared queue", basic::Get::id});
}

} // namespace broker::test
