#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

namespace broker::test {
namespace {

using namespace amqp;

AmqpClient in_transaction(const RunningBroker& broker) {
    AmqpClient client = AmqpClient::open(broker.port());
    client.declare("q", true);
    client.call<tx::SelectOk>(tx::Select{});
    return client;
}

} // namespace

TEST_CASE("tx: publishes are there after commit, not before", "[integration][C32][M.tx]") {
    const RunningBroker broker;
    AmqpClient client = in_transaction(broker);
    client.call<tx::SelectOk>(tx::Select{}); // idempotent
    client.publish("", "q", "one", {.properties = persistent()});
    client.publish("", "q", "two", {.properties = persistent()});
    CHECK(client.ready_messages("q") == 0);
    client.call<tx::CommitOk>(tx::Commit{});
    CHECK(client.ready_messages("q") == 2);
    CHECK(client.get("q").body == "one");
}

TEST_CASE("tx: rollback drops publishes and acks, and what was unacked stays so", "[integration][C32]") {
    const RunningBroker broker;
    AmqpClient client = in_transaction(broker);
    client.publish("", "q", "kept");
    client.call<tx::CommitOk>(tx::Commit{});
    client.get("q", false);
    client.send(basic::Ack{1});
    client.publish("", "q", "dropped");
    client.call<tx::RollbackOk>(tx::Rollback{});
    CHECK(client.ready_messages("q") == 0);
    client.send(basic::Ack{1}); // again, and now for good
    client.call<tx::CommitOk>(tx::Commit{});
    client.close();
    AmqpClient watcher = AmqpClient::open(broker.port());
    CHECK(watcher.ready_messages("q") == 0);
}

TEST_CASE("tx: an uncommitted ack is void when the channel goes", "[integration][C32]") {
    const RunningBroker broker;
    AmqpClient client = in_transaction(broker);
    client.publish("", "q", "stays");
    client.call<tx::CommitOk>(tx::Commit{});
    client.get("q", false);
    client.send(basic::Ack{1});
    client.close();
    AmqpClient watcher = AmqpClient::open(broker.port());
    CHECK(watcher.get("q").redelivered);
}

TEST_CASE("tx: mandatory messages return at commit", "[integration][C32][C30]") {
    const RunningBroker broker;
    AmqpClient client = in_transaction(broker);
    client.publish("", "nowhere", "returned", {.mandatory = true});
    CHECK(client.ready_messages("q") == 0); // nothing came before this answer
    client.send(tx::Commit{});
    CHECK(client.expect_return().body == "returned");
    client.expect<tx::CommitOk>();
}

TEST_CASE("tx: what would refuse a message is told before the commit", "[integration][C32][C27][internal]") {
    const RunningBroker broker;
    AmqpClient client = in_transaction(broker);
    client.call<exchange::DeclareOk>(exchange::Declare{.exchange = {"within"}, .type = {"direct"}, .internal = true});
    client.publish("", "q", "void");
    client.publish("within", "k", "refused");
    CHECK(client.expect_channel_close() ==
          CloseReason{403, "ACCESS_REFUSED - cannot publish to internal exchange 'within' in vhost '/'",
                      basic::Publish::id});
    CHECK(AmqpClient::open(broker.port()).ready_messages("q") == 0);
}

TEST_CASE("tx: without select there is nothing to commit", "[integration][C32][R.406]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    client.send(tx::Commit{});
    CHECK(client.expect_channel_close() ==
          CloseReason{406, "PRECONDITION_FAILED - channel is not transactional", tx::Commit::id});
    client.open_channel(1);
    client.send(tx::Rollback{});
    CHECK(client.expect_channel_close() ==
          CloseReason{406, "PRECONDITION_FAILED - channel is not transactional", tx::Rollback::id});
}

TEST_CASE("tx: confirms and transactions exclude each other", "[integration][C32][M.confirm]") {
    const RunningBroker broker;
    AmqpClient client = in_transaction(broker);
    client.send(confirm::Select{});
    CHECK(client.expect_channel_close().text == "PRECONDITION_FAILED - cannot switch from tx to confirm mode");
    client.open_channel(1);
    client.confirm_select();
    client.send(tx::Select{});
    CHECK(client.expect_channel_close().text == "PRECONDITION_FAILED - cannot switch from confirm to tx mode");
}

TEST_CASE("tx: nothing may be said while a commit is under way", "[integration][F12]") {
    const RunningBroker broker;
    AmqpClient client = in_transaction(broker);
    std::string octets;
    write_method(octets, 1, tx::Commit{});
    write_method(octets, 1, queue::Declare{.queue = {"q"}, .passive = true});
    client.send_octets(octets);
    client.expect<tx::CommitOk>();
    CHECK(client.expect_connection_close().text == "CHANNEL_ERROR - unexpected command while processing 'tx.commit'");
}

} // namespace broker::test
