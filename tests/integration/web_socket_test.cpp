// AMQP over WebSocket on the ports of the HTTP API. The client is Boost.Beast's: it knows the protocol from elsewhere.
#include "protocol/frame_parser.hpp"
#include "protocol/frame_writer.hpp"
#include "protocol/method_codec.hpp"
#include "protocol/methods.hpp"
#include "tests/support/running_broker.hpp"
#include "tests/support/test_certificates.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <catch2/catch.hpp>
#include <openssl/ssl.h>

#include <future>
#include <string>
#include <vector>

namespace broker::test {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using Plain = tcp::socket;
using Tls = asio::ssl::stream<tcp::socket>;

// Says what it is told to and expects exact answers, as AmqpClient does.
template <class Layer>
class WebSocketClient {
 public:
    template <class... Arguments>
    explicit WebSocketClient(std::uint16_t port, Arguments&... arguments) : stream_(io_, arguments...) {
        boost::beast::get_lowest_layer(stream_).connect({asio::ip::address_v4::loopback(), port});
        if constexpr (std::same_as<Layer, Tls>) {
            stream_.next_layer().handshake(Tls::client);
        }
        stream_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
            request.set(boost::beast::http::field::sec_websocket_protocol, "mqtt, amqp");
        }));
        websocket::response_type response;
        stream_.handshake(response, "localhost", "/ws");
        CHECK(response[boost::beast::http::field::sec_websocket_protocol] == "amqp");
        stream_.binary(true);
    }

    websocket::stream<Layer>& stream() { return stream_; }

    template <amqp::Method M>
    void send(amqp::ChannelNumber channel, const M& method) {
        std::string frame;
        amqp::write_method(frame, channel, method);
        stream_.write(asio::buffer(frame));
    }
    // What it refers to lives until the next call.
    template <amqp::Method M>
    M expect(amqp::ChannelNumber channel) {
        const amqp::Frame frame = next();
        REQUIRE(frame.channel == channel);
        REQUIRE((amqp::method_id(frame.payload).value() == M::id));
        return amqp::decode_method<M>(frame.payload.substr(4)).value();
    }
    amqp::Frame next() {
        input_.erase(0, std::exchange(used_, 0));
        const amqp::FrameParser parser(0);
        for (;;) {
            if (const auto parsed = parser.next(input_).value()) {
                used_ = parsed->size;
                return parsed->frame;
            }
            boost::beast::flat_buffer message;
            stream_.read(message);
            CHECK(stream_.got_binary());
            input_.append(static_cast<const char*>(message.data().data()), message.size());
        }
    }

    void log_in() {
        stream_.write(asio::buffer(amqp::protocol_header));
        expect<amqp::connection::Start>(0);
        send(0, amqp::connection::StartOk{{""}, {"PLAIN"}, {std::string_view("\0guest\0guest", 12)}, {"en_US"}});
        expect<amqp::connection::Tune>(0);
        send(0, amqp::connection::TuneOk{2047, 131'072, 0});
        send(0, amqp::connection::Open{{"/"}});
        expect<amqp::connection::OpenOk>(0);
        send(1, amqp::channel::Open{});
        expect<amqp::channel::OpenOk>(1);
    }

    // A message through a queue, larger than any buffer on the way.
    void send_to_itself(std::size_t size) {
        send(1, amqp::queue::Declare{.queue = {"q"}, .exclusive = true});
        expect<amqp::queue::DeclareOk>(1);
        const std::string body(size, 'b');
        std::string frames;
        amqp::write_method(frames, 1, amqp::basic::Publish{0, {""}, {"q"}});
        amqp::write_content(frames, 1, *amqp::Message::make("", "q", std::string(2, '\0'), body), 131'072);
        stream_.auto_fragment(true); // in many frames of one message
        stream_.write(asio::buffer(frames));
        send(1, amqp::basic::Get{0, {"q"}, true});
        expect<amqp::basic::GetOk>(1);
        CHECK(next().type == amqp::FrameType::header);
        std::string received;
        while (received.size() < body.size()) {
            received += next().payload;
        }
        CHECK(received == body);
    }

    // The code that the broker closes with; 0: it has not said good-bye.
    unsigned close_code() {
        boost::beast::flat_buffer message;
        boost::system::error_code how_the_socket_ends;
        while (!how_the_socket_ends) {
            stream_.read(message, how_the_socket_ends);
        }
        return stream_.reason().code;
    }

    void log_out() {
        send(0, amqp::connection::Close{200, {"bye"}});
        expect<amqp::connection::CloseOk>(0);
        boost::system::error_code how_the_socket_ends;
        stream_.close(websocket::close_code::normal, how_the_socket_ends);
        CHECK(stream_.reason().code == websocket::close_code::normal);
    }

 private:
    asio::io_context io_;
    websocket::stream<Layer> stream_;
    std::string input_;
    std::size_t used_ = 0;
};

using Client = WebSocketClient<Plain>;

} // namespace

TEST_CASE("web socket: AMQP in both directions, and good-bye", "[integration][websocket]") {
    RunningBroker broker;
    Client client(broker.port_of("http"));
    client.log_in();
    for (const std::size_t size : {1u, 100'000u, 3'000'000u}) {
        client.send_to_itself(size);
    }
    const auto all = broker.connections();
    REQUIRE(all.size() == 1);
    CHECK(all[0].protocol == "AMQP 0-9-1");
    CHECK(all[0].user == "guest");
    CHECK_THAT(all[0].name, Catch::EndsWith(" -> 127.0.0.1:" + std::to_string(broker.port_of("http"))));
    client.log_out();
}

TEST_CASE("web socket: over TLS what HTTP has agreed on is gone on with", "[integration][websocket][tls]") {
    TestAuthority authority;
    const CertificateFiles server = authority.sign("server", "CN=localhost", "DNS:localhost");
    RunningBroker broker([&](config::Settings& settings) {
        settings.management_tls.port = 0;
        settings.management_tls.address = "127.0.0.1";
        settings.management_tls.options.certfile = server.certificate;
        settings.management_tls.options.keyfile = server.key;
        settings.management_tls.options.cacertfile = authority.file();
    });
    const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), version);
    SSL_CTX_set_max_proto_version(context.native_handle(), version);
    WebSocketClient<Tls> client(broker.port_of("https"), context);
    client.log_in();
    for (const std::size_t size : {1u, 100'000u, 3'000'000u}) {
        client.send_to_itself(size);
    }
    const auto all = broker.connections();
    REQUIRE(all.size() == 1);
    REQUIRE(all[0].tls.has_value());
    CHECK(all[0].tls->protocol == (version == TLS1_2_VERSION ? "tlsv1.2" : "tlsv1.3"));
    client.log_out();
}

TEST_CASE("web socket: a ping is answered before the login and after it", "[integration][websocket]") {
    RunningBroker broker;
    Client client(broker.port_of("http"));
    std::string pong;
    client.stream().control_callback([&](websocket::frame_type type, boost::beast::string_view payload) {
        CHECK(type == websocket::frame_type::pong);
        pong = payload;
    });
    client.stream().ping("early");
    client.log_in();
    CHECK(pong == "early");
    client.stream().ping("late");
    client.send_to_itself(10);
    CHECK(pong == "late");
}

TEST_CASE("web socket: text and broken frames are told what is wrong with them", "[integration][websocket]") {
    RunningBroker broker;
    Client text(broker.port_of("http"));
    text.log_in();
    text.stream().text(true);
    text.stream().write(asio::buffer("AMQP", 4));
    CHECK(text.close_code() == 1003);

    Client unmasked(broker.port_of("http"));
    asio::write(unmasked.stream().next_layer(), asio::buffer("\x82\4AMQP", 6));
    CHECK(unmasked.close_code() == 1002);
}

TEST_CASE("web socket: who does not log in in time is cut off, whatever he sends", "[integration][websocket]") {
    RunningBroker broker([](config::Settings& settings) { settings.handshake_timeout_ms = 200; });
    Client client(broker.port_of("http"));
    client.stream().ping("still here");
    CHECK(client.close_code() == 1000);
}

TEST_CASE("web socket: it can be switched off", "[integration][websocket]") {
    const RunningBroker broker([](config::Settings& settings) { settings.management_web_socket = false; });
    CHECK_THROWS_WITH(Client(broker.port_of("http")), Catch::Contains("declined"));
}

TEST_CASE("web socket: the broker stops with connection.close and good-bye", "[integration][websocket]") {
    RunningBroker broker;
    Client client(broker.port_of("http"));
    client.log_in();
    auto stopped = std::async(std::launch::async, [&] { broker.stop(); });
    CHECK(client.expect<amqp::connection::Close>(0).reply_code == 320);
    client.send(0, amqp::connection::CloseOk{});
    CHECK(client.close_code() == 1000);
    stopped.wait();
}

} // namespace broker::test
