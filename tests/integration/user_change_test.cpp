// What a change of a user does to connections that he has: another password, a permission that is taken from him.
#include "tests/support/amqp_client.hpp"
#include "tests/support/client_socket.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace broker::test {
namespace {

// As guest; what the server answered first.
std::string put(const RunningBroker& broker, const std::string& path, const std::string& body) {
    ClientSocket client(broker.port_of("http"));
    client.send("PUT /api" + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n" +
                "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    std::string answer;
    while (client.receive(answer)) {
    }
    return answer.substr(0, answer.find("\r\n"));
}

} // namespace

TEST_CASE("password change: closes connections where that is wanted", "[integration][management]") {
    const bool closes = GENERATE(true, false);
    const RunningBroker broker([&](config::Settings& settings) { settings.password_change_closes = closes; });
    AmqpClient guest = AmqpClient::open(broker.port());
    AmqpClient other = AmqpClient::open(broker.port());
    REQUIRE(put(broker, "/users/guest", R"({"password":"guest","tags":"administrator"})") == "HTTP/1.1 204 No Content");
    if (closes) {
        const CloseReason reason{320, "CONNECTION_FORCED - user 'guest' has another password", {}};
        CHECK(guest.expect_connection_close() == reason);
        CHECK(other.expect_connection_close() == reason);
    } else {
        CHECK(guest.declare("q") == "q");
    }
}

TEST_CASE("revocation: a consumer gets nothing more from a queue that he may not read", "[integration][C5][C17]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    CHECK(client.declare("q") == "q");
    client.call<amqp::basic::ConsumeOk>(amqp::basic::Consume{.queue = {"q"}, .consumer_tag = {"c"}, .no_ack = true});
    const std::string no_read = R"({"configure":".*","write":".*","read":""})";
    REQUIRE(put(broker, "/permissions/%2F/guest", no_read) == "HTTP/1.1 204 No Content");
    CHECK(client.expect<amqp::basic::Cancel>().consumer_tag.value == "c"); // though the client says nothing
    client.publish("", "q", "secret");
    CHECK(client.ready_messages("q") == 1); // nothing is sent before this answer
}

} // namespace broker::test
