// Virtual hosts that are deleted while somebody still knows of them.
#include "broker/core/virtual_host.hpp"
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <string_view>
#include <thread>

namespace broker::test {
namespace {

void delete_virtual_host(RunningBroker& broker, std::string_view name) {
    std::promise<void> done;
    broker.broker().node().delete_virtual_host(
        name, [&done](amqp::Result<>) { done.set_value(); }, {});
    done.get_future().wait();
}

bool is_freed(const std::weak_ptr<VirtualHost>& virtual_host) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!virtual_host.expired() && std::chrono::steady_clock::now() < end) {
        std::this_thread::yield();
    }
    return virtual_host.expired();
}

} // namespace

TEST_CASE("virtual host: a deleted one is freed once nobody knows of it", "[integration][management]") {
    RunningBroker broker;
    broker.add_virtual_host("a");
    auto known = broker.broker().node().find_virtual_host("a");
    const std::weak_ptr<VirtualHost> deleted = known;
    delete_virtual_host(broker, "a");
    broker.add_virtual_host("a"); // another one of that name has nothing to do with it
    CHECK(known->name() == "a");
    known.reset();
    CHECK(is_freed(deleted));
    CHECK(broker.broker().node().find_virtual_host("a") != nullptr);
}

TEST_CASE("virtual host: the deleted one of a connection goes after that", "[integration][management]") {
    RunningBroker broker;
    broker.change_settings([](config::Settings& settings) { settings.default_vhost = "another"; });
    broker.restart();
    AmqpClient client = AmqpClient::open(broker.port());
    const std::weak_ptr<VirtualHost> deleted = broker.broker().node().find_virtual_host("/");
    auto deletion = std::async(std::launch::async, [&] { delete_virtual_host(broker, "/"); });
    CHECK(client.expect_connection_close().text == "CONNECTION_FORCED - vhost '/' is deleted");
    CHECK(!deleted.expired());
    client.send(amqp::connection::CloseOk{}, 0);
    CHECK_NOTHROW(client.expect_end());
    deletion.get();
    CHECK(is_freed(deleted));
}

} // namespace broker::test
