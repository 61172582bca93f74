// Several network threads and many clients at once; ThreadSanitizer watches.
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace broker::test {
namespace {

using namespace amqp;

constexpr int clients = 8;

void many_threads(config::Settings& settings) {
    settings.io_threads = 4;
}

// Runs one function per client, each in a thread of its own; what one throws comes out here.
template <class Function>
void at_once(Function function) {
    std::vector<std::future<void>> running;
    for (int i = 0; i < clients; ++i) {
        running.push_back(std::async(std::launch::async, function, i));
    }
    for (auto& one : running) {
        one.get();
    }
}

} // namespace

TEST_CASE("concurrent: everybody publishes to one queue and consumes from it", "[integration][threads]") {
    const RunningBroker broker(many_threads);
    AmqpClient::open(broker.port()).declare("shared", true);
    constexpr int count = 300;
    at_once([&](int i) {
        AmqpClient client = AmqpClient::open(broker.port());
        client.confirm_select();
        for (int n = 0; n < count; ++n) {
            client.publish("", "shared", std::string(static_cast<std::size_t>(n) * 20, 'x'),
                           {.properties = i % 2 == 0 ? persistent() : std::string(2, '\0')});
        }
        client.expect_confirms(1, count);
        client.call<basic::QosOk>(basic::Qos{0, 10, false});
        client.call<basic::ConsumeOk>(basic::Consume{.queue = {"shared"}, .consumer_tag = {"c"}});
        for (int n = 0; n < 50; ++n) {
            client.send(basic::Ack{client.expect_delivery().tag});
        }
        client.close(); // in the middle of deliveries
    });
    AmqpClient watcher = AmqpClient::open(broker.port());
    CHECK(watcher.ready_messages("shared") == clients * (count - 50));
}

TEST_CASE("concurrent: connections come, work and vanish", "[integration][threads]") {
    const RunningBroker broker(many_threads);
    at_once([&](int i) {
        for (int round = 0; round < 10; ++round) {
            AmqpClient client = AmqpClient::open(broker.port());
            const std::string queue(client.call<queue::DeclareOk>(queue::Declare{.exclusive = true}).queue);
            client.call<queue::BindOk>(queue::Bind{0, {queue}, {"amq.fanout"}});
            client.call<basic::ConsumeOk>(basic::Consume{.queue = {queue}, .no_ack = round % 2 == 0});
            for (int n = 0; n < 20; ++n) {
                client.publish("amq.fanout", "", "to everybody");
            }
            client.expect_delivery();
            if ((i + round) % 3 == 0) {
                client.socket().reset();
            } else if ((i + round) % 3 == 1) {
                client.send(channel::Open{}); // a mistake
            } else {
                client.send(connection::Close{200}, 0);
            }
        }
    });
    CHECK_NOTHROW(AmqpClient::open(broker.port()).declare("alive"));
}

TEST_CASE("concurrent: the same things are declared and deleted by everybody", "[integration][threads]") {
    const RunningBroker broker(many_threads);
    at_once([&](int) {
        AmqpClient client = AmqpClient::open(broker.port());
        for (int round = 0; round < 20; ++round) {
            client.declare("common", true);
            client.call<exchange::DeclareOk>(
                exchange::Declare{.exchange = {"common"}, .type = {"topic"}, .durable = true});
            client.send(
                queue::Bind{.queue = {"common"}, .exchange = {"common"}, .routing_key = {"#"}, .no_wait = true});
            client.publish("", "common", "x", {.properties = persistent()});
            client.call<queue::UnbindOk>(queue::Unbind{0, {"common"}, {"common"}, {"#"}});
            client.call<queue::PurgeOk>(queue::Purge{0, {"common"}});
        }
    });
    AmqpClient client = AmqpClient::open(broker.port());
    CHECK_NOTHROW(client.call<queue::DeleteOk>(queue::Delete{0, {"common"}}));
}

TEST_CASE("concurrent: transactions and their acks", "[integration][threads][C32]") {
    const RunningBroker broker(many_threads);
    AmqpClient::open(broker.port()).declare("q", true);
    at_once([&](int) {
        AmqpClient client = AmqpClient::open(broker.port());
        client.call<tx::SelectOk>(tx::Select{});
        for (int round = 0; round < 20; ++round) {
            client.publish("", "q", "x", {.properties = persistent()});
            client.call<tx::CommitOk>(tx::Commit{});
            client.send(basic::Ack{client.get("q", false).tag}); // there are as many as there were commits
            client.call<tx::CommitOk>(tx::Commit{});
        }
    });
    AmqpClient watcher = AmqpClient::open(broker.port());
    CHECK(watcher.ready_messages("q") == 0);
}

TEST_CASE("concurrent: the broker stops while everybody is at work", "[integration][threads][R.320]") {
    RunningBroker broker(many_threads);
    AmqpClient::open(broker.port()).declare("q", true);
    std::atomic<int> working{0};
    auto stopped = std::async(std::launch::async, [&] {
        while (working.load() < clients) {
            std::this_thread::yield();
        }
        broker.stop();
    });
    at_once([&](int) {
        AmqpClient client = AmqpClient::open(broker.port());
        client.call<basic::ConsumeOk>(basic::Consume{.queue = {"q"}, .no_ack = true});
        client.publish("", "q", "x", {.properties = persistent()});
        ++working;
        ReceivedFrame frame;
        while (client.receive_any(frame)) { // each frame that comes keeps the messages going round
            client.publish("", "q", "x", {.properties = persistent()});
            if (frame.channel == 0 && method_id(frame.payload).value() == connection::Close::id) {
                client.send(connection::CloseOk{}, 0);
            }
        }
    });
    stopped.get();
}

} // namespace broker::test
