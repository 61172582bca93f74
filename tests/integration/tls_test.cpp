// Listeners with TLS, as clients of all kinds meet them. Whole conversations are left to the interop tests; here it is
// who gets in, and who not.
#include "protocol/frame_writer.hpp"
#include "protocol/methods/connection.hpp"
#include "tests/support/running_broker.hpp"
#include "tests/support/tls_client.hpp"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace broker;
using namespace broker::test;

namespace {

constexpr std::string_view protocol_header{"AMQP\0\0\x09\x01", 8};

struct World {
    explicit World(const std::function<void(config::Settings&)>& adjust = {})
        : broker([&](config::Settings& settings) {
              settings.tls_listeners = {{"127.0.0.1", 0}};
              settings.tls.certfile = server.certificate;
              settings.tls.keyfile = server.key;
              settings.tls.cacertfile = authority.file();
              if (adjust) {
                  adjust(settings);
              }
          }) {}

    TlsClientOptions trusting() const { return {.ca_file = authority.file()}; }
    // The mechanisms that connection.start offers, of a client that has got through.
    static std::string mechanisms(TlsClient& client) {
        client.send(protocol_header);
        const std::string start = client.receive(200);
        for (const std::string_view offered : {"PLAIN AMQPLAIN EXTERNAL", "PLAIN AMQPLAIN", "EXTERNAL"}) {
            if (start.find(offered) != std::string::npos) {
                return std::string(offered);
            }
        }
        return "none: " + start;
    }

    TestAuthority authority;
    CertificateFiles server = authority.sign("server", "CN=localhost", "DNS:localhost,IP:127.0.0.1");
    RunningBroker broker;
};

std::function<void(config::Settings&)> with_client_certificates(bool required) {
    return [required](config::Settings& settings) {
        settings.tls.verify_peer = true;
        settings.tls.fail_if_no_peer_cert = required;
        settings.auth_mechanisms = {"PLAIN", "AMQPLAIN", "EXTERNAL"};
    };
}

// What a plain socket gets for `octets`, until the broker closes.
std::string plainly(std::uint16_t port, std::string_view octets) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{60, 0};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::send(socket, octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t received = 0; (received = ::recv(socket, buffer, sizeof buffer, 0)) > 0;) {
        answer.append(buffer, static_cast<std::size_t>(received));
    }
    CHECK((errno != EAGAIN && errno != EWOULDBLOCK)); // closed, not silent
    ::close(socket);
    return answer;
}

} // namespace

TEST_CASE("tls: both versions that are any good are spoken, older ones refused", "[integration][tls]") {
    World world;
    struct Row {
        int version;
        std::string expected;
    };
    const auto row = GENERATE(values<Row>(
        {{TLS1_3_VERSION, "TLSv1.3"}, {TLS1_2_VERSION, "TLSv1.2"}, {TLS1_1_VERSION, ""}, {TLS1_VERSION, ""}}));
    TlsClientOptions options = world.trusting();
    options.min_version = options.max_version = row.version;
    options.weak = row.expected.empty();
    TlsClient client(world.broker.tls_port(), options);
    CHECK(client.connected() == !row.expected.empty());
    if (client.connected()) {
        CHECK(client.version() == row.expected);
        CHECK(World::mechanisms(client) == "PLAIN AMQPLAIN");
    } else {
        CHECK(client.error() == "tlsv1 alert protocol version");
    }
}

TEST_CASE("tls: a protocol header in single octets is answered as in one piece", "[integration][tls]") {
    World world;
    TlsClient client(world.broker.tls_port(), world.trusting());
    for (const char octet : protocol_header) {
        client.send({&octet, 1});
    }
    CHECK(client.receive(8).starts_with(std::string_view("\1\0\0", 3)));
}

TEST_CASE("tls: without a certificate one gets in when it is not required, but not as EXTERNAL",
          "[integration][tls][P13]") {
    World world(with_client_certificates(false));
    TlsClient client(world.broker.tls_port(), world.trusting());
    CHECK(World::mechanisms(client) == "PLAIN AMQPLAIN");
}

TEST_CASE("tls: with a certificate that is vouched for EXTERNAL is offered", "[integration][tls][P13]") {
    World world(with_client_certificates(true));
    TlsClientOptions options = world.trusting();
    options.certificate = world.authority.sign("client", "CN=alice");
    TlsClient client(world.broker.tls_port(), options);
    CHECK(World::mechanisms(client) == "PLAIN AMQPLAIN EXTERNAL");
}

TEST_CASE("tls: certificates of others, or none, are refused when one is required", "[integration][tls]") {
    World world(with_client_certificates(true));
    const TestAuthority stranger("Test CA"); // even of the same name
    TlsClientOptions options = world.trusting();
    options.max_version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    SECTION("another authority's") {
        options.certificate = stranger.sign("client", "CN=alice");
    }
    SECTION("none") {}
    SECTION("one that has expired") {
        options.certificate = world.authority.sign("client", "CN=alice", {}, 0);
    }
    TlsClient client(world.broker.tls_port(), options);
    if (client.connected()) { // TLS 1.3 tells a client only after it believes to be
        CHECK(client.receive(1).empty());
    }
    CHECK(client.error().find("alert") != std::string::npos);
}

TEST_CASE("tls: a client sees whether the broker is who it says", "[integration][tls]") {
    World world;
    const TestAuthority stranger;
    TlsClient client(world.broker.tls_port(), {.ca_file = stranger.file()});
    CHECK_FALSE(client.connected());
    CHECK(client.error() == "certificate verify failed");
}

TEST_CASE("tls: who does not speak it where it is spoken is shown out", "[integration][tls][P2]") {
    World world;
    CHECK(plainly(world.broker.tls_port(), protocol_header).empty());
    CHECK(plainly(world.broker.tls_port(), "GET / HTTP/1.0\r\n\r\n").empty());
}

TEST_CASE("tls: who speaks it where it is not spoken gets a protocol header", "[integration][tls][P2]") {
    World world;
    TlsClient client(world.broker.port(), world.trusting());
    CHECK_FALSE(client.connected());
    CHECK(client.error() == "wrong version number");
}

TEST_CASE("tls: who does not end the handshake is dropped", "[integration][tls]") {
    World world([](config::Settings& settings) { settings.tls_handshake_timeout_ms = 200; });
    CHECK(plainly(world.broker.tls_port(), std::string_view("\x16\x03\x01\x02", 4)).empty());
}

TEST_CASE("tls: certificates read again are shown to new clients, and nobody loses a connection",
          "[integration][tls]") {
    World world;
    TlsClient before(world.broker.tls_port(), world.trusting());
    REQUIRE(before.connected());
    world.authority.sign("server", "CN=localhost");
    TlsClient same(world.broker.tls_port(), world.trusting());
    CHECK(same.peer_serial() == before.peer_serial());
    CHECK(world.broker.broker().reload_certificates());
    TlsClient after(world.broker.tls_port(), world.trusting());
    REQUIRE(after.connected());
    CHECK(after.peer_serial() != before.peer_serial());
    CHECK(World::mechanisms(before) == "PLAIN AMQPLAIN");
    CHECK(World::mechanisms(after) == "PLAIN AMQPLAIN");

    std::filesystem::remove(world.server.key);
    CHECK_FALSE(world.broker.broker().reload_certificates());
    TlsClient still(world.broker.tls_port(), world.trusting());
    CHECK(still.peer_serial() == after.peer_serial());
}

TEST_CASE("tls: the management API speaks it, and nothing else when only that is set", "[integration][tls]") {
    const bool both = GENERATE(false, true);
    World world([&](config::Settings& settings) {
        settings.management_tls.port = 0;
        settings.management_tls.address = "127.0.0.1";
        settings.management_tls.options = settings.tls;
        settings.management_given = both;
    });
    CHECK((world.broker.port_of("http") != 0) == both);
    TlsClient client(world.broker.port_of("https"), world.trusting());
    REQUIRE(client.connected());
    client.send("GET /api/overview HTTP/1.0\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n\r\n");
    const std::string answer = client.receive(1 << 20);
    CHECK(answer.starts_with("HTTP/1.0 200"));
    CHECK(answer.find("\"protocol\":\"https\"") != std::string::npos);
    CHECK(answer.find("\"protocol\":\"amqp/ssl\"") != std::string::npos);
    CHECK(plainly(world.broker.port_of("https"), "GET / HTTP/1.0\r\n\r\n").substr(0, 1) != "H");
}

TEST_CASE("tls: metrics are scraped through it, and not without it when only that is set", "[integration][tls]") {
    const bool both = GENERATE(false, true);
    World world([&](config::Settings& settings) {
        settings.prometheus_tls.port = 0;
        settings.prometheus_tls.address = "127.0.0.1";
        settings.prometheus_tls.options = settings.tls;
        settings.prometheus_given = both;
    });
    CHECK((world.broker.port_of("http/prometheus") != 0) == both);
    TlsClient client(world.broker.port_of("https/prometheus"), world.trusting());
    REQUIRE(client.connected());
    client.send("GET /metrics HTTP/1.0\r\n\r\n");
    const std::string answer = client.receive(1 << 20);
    CHECK(answer.starts_with("HTTP/1.0 200"));
    CHECK(answer.find("rabbitmq_identity_info") != std::string::npos);
    CHECK(plainly(world.broker.port_of("https/prometheus"), "GET /metrics HTTP/1.0\r\n\r\n").substr(0, 1) != "H");

    const std::string before = client.peer_serial();
    world.authority.sign("server", "CN=localhost");
    CHECK(world.broker.broker().reload_certificates());
    CHECK(TlsClient(world.broker.port_of("https/prometheus"), world.trusting()).peer_serial() != before);
}
