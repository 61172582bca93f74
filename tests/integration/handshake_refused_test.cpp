#include "protocol/field_table.hpp"
#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <string>
#include <vector>

namespace broker::test {
namespace {

using namespace amqp;

const std::string plain_refused =
    "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details "
    "see the broker logfile.";

ClientOptions wrong_password() {
    ClientOptions options;
    options.password = "wrong";
    return options;
}

// Sends start-ok as it is told to.
void start_with(AmqpClient& client, std::string_view mechanism, std::string_view response) {
    client.send_octets(protocol_header);
    client.expect<connection::Start>(0);
    const std::string properties = ClientOptions::all_capabilities().encode();
    client.send(connection::StartOk{{properties}, {mechanism}, {response}, {"en_US"}}, 0);
}

} // namespace

TEST_CASE("handshake: a refused login is told to who can take it", "[integration][P8][P17]") {
    const RunningBroker broker;
    AmqpClient client(broker.port());
    client.log_in_until_tune(wrong_password());
    CHECK(client.expect_connection_close() == CloseReason{403, plain_refused, {}});
}

TEST_CASE("handshake: a mistake before connection.open ends in silence", "[integration][P8][P11][P12][P16][P17][P22]") {
    using namespace std::string_literals;
    const RunningBroker broker;
    const std::vector<std::function<void(AmqpClient&)>> mistakes{
        [](AmqpClient& client) {
            ClientOptions options = wrong_password();
            options.client_properties = {};
            client.log_in_until_tune(options);
        },
        [](AmqpClient& client) { start_with(client, "SCRAM-9", "x"); },
        [](AmqpClient& client) { start_with(client, "PLAIN", "guest"); },
        [](AmqpClient& client) { start_with(client, "PLAIN", "z\0guest\0guest"s); },
        [](AmqpClient& client) {
            start_with(client, "AMQPLAIN", FieldTable{{"LOGIN", "guest"}}.encode());
        },
        [](AmqpClient& client) { start_with(client, "AMQPLAIN", "\5LOGI"); },
        [](AmqpClient& client) { // out of order
            client.send_octets(protocol_header);
            client.expect<connection::Start>(0);
            client.send(connection::Open{{"/"}}, 0);
        },
        [](AmqpClient& client) { // a frame larger than what is allowed before tune [P4]
            client.send_octets(protocol_header);
            client.expect<connection::Start>(0);
            const std::string response(9000, 'x');
            client.send(connection::StartOk{{}, {"PLAIN"}, {response}, {"en_US"}}, 0);
        },
        [](AmqpClient& client) { // a frame that is none
            client.send_octets(protocol_header);
            client.expect<connection::Start>(0);
            client.send_octets("GET / HTTP/1.1\r\n\r\n");
        },
    };
    // All at once, as each is kept waiting for some seconds.
    std::vector<AmqpClient> clients;
    for (const auto& mistake : mistakes) {
        mistake(clients.emplace_back(broker.port()));
    }
    for (AmqpClient& client : clients) {
        CHECK_NOTHROW(client.expect_end());
    }
}

TEST_CASE("handshake: tune-ok beyond the limits is refused with 530", "[integration][P19][P22]") {
    const RunningBroker broker;
    struct Row {
        connection::TuneOk tune_ok;
        const char* text;
    };
    for (const Row& row : {
             Row{{0, 131'072, 0},
                 "negotiated channel_max = 0 (no limit) is higher than the maximum allowed value (2047)"},
             Row{{2048, 131'072, 0}, "negotiated channel_max = 2048 is higher than the maximum allowed value (2047)"},
             Row{{2047, 131'073, 0}, "negotiated frame_max = 131073 is higher than the maximum allowed value (131072)"},
             Row{{2047, 4095, 0}, "negotiated frame_max = 4095 is lower than the minimum allowed value (4096)"},
         }) {
        AmqpClient client(broker.port());
        client.log_in_until_tune();
        client.expect<connection::Tune>(0);
        client.send(row.tune_ok, 0);
        const std::string text = std::string("NOT_ALLOWED - ") + row.text;
        CHECK(client.expect_connection_close() == CloseReason{530, text, connection::Tune::id});
    }
}

TEST_CASE("handshake: a virtual host that cannot be entered is refused with 530", "[integration][P20]") {
    RunningBroker broker;
    broker.add_virtual_host("private");
    broker.add_user("alice", "secret");
    struct Row {
        const char* virtual_host;
        const char* text;
    };
    for (const Row& row : {Row{"nowhere", "NOT_ALLOWED - vhost nowhere not found"},
                           Row{"private", "NOT_ALLOWED - access to vhost 'private' refused for user 'alice'"}}) {
        AmqpClient client(broker.port());
        ClientOptions options;
        options.user = "alice";
        options.password = "secret";
        client.log_in_until_tune(options);
        client.expect<connection::Tune>(0);
        client.send(connection::TuneOk{2047, 131'072, 0}, 0);
        client.send(connection::Open{{row.virtual_host}}, 0);
        CHECK(client.expect_connection_close() == CloseReason{530, row.text, connection::Open::id});
    }
}

TEST_CASE("handshake: who is too slow is dropped without a word", "[integration][P3]") {
    const RunningBroker broker([](config::Settings& settings) { settings.handshake_timeout_ms = 300; });
    const std::vector<std::function<void(AmqpClient&)>> stops{
        [](AmqpClient&) {},
        [](AmqpClient& client) { client.send_octets("AMQP"); },
        [](AmqpClient& client) {
            client.send_octets(protocol_header);
            client.expect<connection::Start>(0);
            client.send_octets({"\x01\0\0", 3});
        },
        [](AmqpClient& client) {
            client.log_in_until_tune();
            client.expect<connection::Tune>(0);
        },
        [](AmqpClient& client) {
            client.log_in_until_tune();
            client.expect<connection::Tune>(0);
            client.send(connection::TuneOk{2047, 131'072, 60}, 0);
        },
    };
    AmqpClient in_time = AmqpClient::open(broker.port());
    std::vector<AmqpClient> clients;
    for (const auto& stop : stops) {
        stop(clients.emplace_back(broker.port()));
    }
    for (AmqpClient& client : clients) {
        CHECK_NOTHROW(client.expect_end());
    }
    CHECK_NOTHROW(in_time.close());
}

TEST_CASE("handshake: after open its methods are out of place", "[integration][P21]") {
    const RunningBroker broker;
    const auto refused = [&](const auto& method, MethodId id) {
        AmqpClient client = AmqpClient::open(broker.port());
        client.send(method, 0);
        CHECK(client.expect_connection_close() ==
              CloseReason{504, "CHANNEL_ERROR - unexpected method in connection state running", id});
    };
    refused(connection::Open{{"/"}}, connection::Open::id);
    refused(connection::TuneOk{2047, 131'072, 0}, connection::TuneOk::id);
    refused(connection::StartOk{}, connection::StartOk::id);
    refused(connection::CloseOk{}, connection::CloseOk::id);
}

TEST_CASE("handshake: update-secret is accepted while running", "[integration][P21]") {
    const RunningBroker broker;
    AmqpClient client = AmqpClient::open(broker.port());
    CHECK_NOTHROW(client.call<connection::UpdateSecretOk>(connection::UpdateSecret{{"new"}, {"token"}}, 0));
    CHECK_NOTHROW(client.close());
}

TEST_CASE("handshake: who only sits there makes room when the node is full of such", "[integration][limits]") {
    const RunningBroker broker([](config::Settings& settings) { settings.max_pending_handshakes = 1; });
    AmqpClient silent(broker.port());
    silent.send_octets(protocol_header);
    silent.expect<connection::Start>(0);
    const auto gets_in = [&] {
        try {
            AmqpClient client(broker.port());
            client.log_in();
            return true;
        } catch (const Unexpected&) {
            return false; // he comes again
        }
    };
    while (!gets_in()) {
    }
    silent.expect_end();
}

} // namespace broker::test
