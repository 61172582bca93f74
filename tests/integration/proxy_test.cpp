// Connections through a proxy, and through a UNIX socket.
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

namespace broker::test {
namespace {

using namespace std::string_literals;

const std::string from_here = "PROXY TCP4 127.0.0.1 127.0.0.1 40000 5672\r\n";
const std::string from_there = "PROXY TCP4 203.0.113.7 192.0.2.9 1234 5672\r\n";
const std::string binary_from_there = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\xc0\0\2\x09\4\xd2\x16\x28"s;

void behind_a_proxy(config::Settings& settings) {
    settings.proxy_protocol = true;
}

std::vector<std::string> connection_names(RunningBroker& broker) {
    std::vector<std::string> names;
    for (SessionSnapshot& connection : broker.connections()) {
        names.push_back(std::move(connection.name));
    }
    return names;
}

ClientOptions bunny() {
    ClientOptions options;
    options.user = options.password = "bunny";
    return options;
}

} // namespace

TEST_CASE("proxy: the client's address is the connection's", "[integration][proxy][P10]") {
    RunningBroker broker(behind_a_proxy);
    broker.add_user("bunny", "bunny");
    for (const std::string& header : {from_there, binary_from_there}) {
        AmqpClient client(broker.port());
        client.send_octets(header);
        client.log_in(bunny());
        CHECK(connection_names(broker) == std::vector<std::string>{"203.0.113.7:1234 -> 192.0.2.9:5672"});
        client.close();
    }
}

TEST_CASE("proxy: a header may come in single octets, and AMQP right behind it", "[integration][proxy]") {
    const RunningBroker broker(behind_a_proxy);
    AmqpClient client(broker.port());
    for (const char octet : from_here) {
        client.send_octets({&octet, 1});
    }
    client.log_in();
    client.close();
    AmqpClient in_one(broker.port());
    in_one.send_octets(from_here + std::string(amqp::protocol_header));
    in_one.expect<amqp::connection::Start>(0);
}

TEST_CASE("proxy: guest is where the client is", "[integration][proxy][P18]") {
    const RunningBroker broker(behind_a_proxy);
    AmqpClient local(broker.port());
    local.send_octets(from_here);
    local.log_in();
    AmqpClient remote(broker.port());
    remote.send_octets(from_there);
    remote.log_in_until_tune();
    CHECK(remote.expect_connection_close().code == 403);
}

TEST_CASE("proxy: without a header nobody gets in", "[integration][proxy]") {
    const RunningBroker broker([](config::Settings& settings) {
        settings.proxy_protocol = true;
        settings.handshake_timeout_ms = 200;
    });
    for (const std::string& octets :
         {std::string(amqp::protocol_header), "PROXY TCP4 here there 1 2\r\n"s, "PROXY "s}) {
        AmqpClient client(broker.port());
        client.send_octets(octets);
        client.expect_end();
    }
}

TEST_CASE("proxy: who may not send a header is shown out", "[integration][proxy][P18]") {
    const RunningBroker other([](config::Settings& settings) {
        settings.proxy_protocol = true;
        settings.proxies = {"192.0.2.0/24"};
    });
    AmqpClient refused(other.port());
    refused.send_octets(from_here);
    refused.expect_end();
    const RunningBroker own([](config::Settings& settings) {
        settings.proxy_protocol = true;
        settings.proxies = {"192.0.2.0/24", "127.0.0.0/8"};
    });
    AmqpClient taken(own.port());
    taken.send_octets(from_here);
    taken.log_in();
}

TEST_CASE("proxy: one address may begin so many handshakes at a time, others theirs", "[integration][proxy][limits]") {
    RunningBroker broker([](config::Settings& settings) {
        settings.proxy_protocol = true;
        settings.max_pending_handshakes_of_address = 2;
    });
    broker.add_user("bunny", "bunny");
    const auto come = [&](const std::string& header) {
        AmqpClient client(broker.port());
        client.send_octets(header + std::string(amqp::protocol_header));
        return client;
    };
    AmqpClient first(broker.port());
    first.send_octets(from_there);
    first.log_in_until_tune(bunny());
    AmqpClient second = come(from_there);
    second.expect<amqp::connection::Start>(0);
    CHECK_THROWS_AS(come(from_there).expect<amqp::connection::Start>(0), Unexpected);
    come(from_here).expect<amqp::connection::Start>(0);
    first.expect<amqp::connection::Tune>(0);
    first.send(amqp::connection::TuneOk{2047, 131'072, 0}, 0);
    first.call<amqp::connection::OpenOk>(amqp::connection::Open{{"/"}}, 0); // now he does not count any more
    come(from_there).expect<amqp::connection::Start>(0);
}

TEST_CASE("UNIX socket: who comes through it is local", "[integration][unix][P18]") {
    const std::string path = "/tmp/leveret-amqp-" + std::to_string(::getpid());
    {
        RunningBroker broker([&](config::Settings& settings) {
            settings.unix_listeners = {path};
            settings.proxy_protocol = true; // of TCP only
        });
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0666);
        AmqpClient first(path), second(path);
        first.log_in();
        second.log_in();
        first.open_channel(1);
        CHECK(first.declare("q") == "q");
        const auto names = connection_names(broker);
        REQUIRE(names.size() == 2);
        CHECK(names[0] != names[1]);
        CHECK_THAT(names[0], Catch::StartsWith("unix:") && Catch::EndsWith(" -> " + path + ":0"));
    }
    CHECK(::access(path.c_str(), F_OK) != 0);
}

TEST_CASE("UNIX socket: one that a dead broker has left is replaced, a living one's is not", "[integration][unix]") {
    const std::string path = "/tmp/leveret-left-" + std::to_string(::getpid());
    const auto at_path = [&](config::Settings& settings) { settings.unix_listeners = {path}; };
    {
        boost::asio::io_context context;
        boost::asio::local::stream_protocol::acceptor dead(context, path);
    }
    REQUIRE(::access(path.c_str(), F_OK) == 0);
    const RunningBroker broker(at_path);
    CHECK_THROWS_WITH(RunningBroker(at_path), Catch::Contains("cannot listen on " + path));
    AmqpClient(path).log_in();
}

} // namespace broker::test
