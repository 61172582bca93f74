#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using test::Lines;
using test::TestSession;

namespace {

constexpr std::string_view login_refused = "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. "
                                           "For details see the broker logfile.";

// The only connection.close that was sent.
struct SentClose {
    explicit SentClose(TestSession& test) {
        test::for_each_frame(test.sent_bytes(), [&](const amqp::Frame& frame) {
            const auto method = amqp::decode_method<amqp::connection::Close>(frame.payload.substr(4));
            REQUIRE(amqp::method_id(frame.payload).value() == amqp::connection::Close::id);
            code = method->reply_code;
            text = method->reply_text.value;
            class_id = method->class_id;
            method_id = method->method_id;
        });
    }
    int code = 0, class_id = 0, method_id = 0;
    std::string text;
};

broker::AuthResult refused(broker::AuthResult::Status status = broker::AuthResult::Status::refused) {
    return {status, nullptr, "for the log"};
}

} // namespace

TEST_CASE("handshake: both headers of the protocol are answered with connection.start", "[session][handshake][P1]") {
    for (const std::string_view header :
         {std::string_view("AMQP\0\0\x09\x01", 8), std::string_view("AMQP\x01\x01\0\x09", 8)}) {
        TestSession test;
        test.feed(header);
        const Lines sent = test.sent();
        REQUIRE(sent.size() == 1);
        CHECK_THAT(sent[0], Catch::StartsWith("0 connection.start{version_major=0, version_minor=9"));
        CHECK_THAT(sent[0], Catch::EndsWith("mechanisms=PLAIN AMQPLAIN, locales=en_US}"));
    }
}

TEST_CASE("handshake: any other header is answered with ours and a close", "[session][handshake][P1][P2]") {
    const std::vector<std::string> headers{std::string("AMQP\x00\x01\x00\x00", 8),
                                           std::string("AMQP\x03\x01\x00\x00", 8),
                                           std::string("AMQP\x00\x00\x09\x02", 8),
                                           "GET / HTTP/1.1\r\n",
                                           std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8),
                                           "HELLO123"};
    for (const std::string& header : headers) {
        CAPTURE(header);
        TestSession test;
        test.feed(header);
        CHECK(test.sent_bytes() == amqp::protocol_header);
        CHECK(test.transport.closes == std::vector<long>{0});
        CHECK(test.session.finished());
    }
}

TEST_CASE("handshake: a header that is not complete is waited for", "[session][handshake][P1]") {
    TestSession test;
    test.feed(amqp::protocol_header.substr(0, 7));
    CHECK(test.sent_bytes().empty());
    CHECK(test.unread() == 7);
    test.feed(amqp::protocol_header.substr(7));
    CHECK(test.sent().size() == 1);
}

TEST_CASE("handshake: server properties name the product, its version and all capabilities",
          "[session][handshake][P5][P6][P7]") {
    broker::SessionConfig config;
    config.product.cluster_name = "rabbit@here";
    TestSession test(config);
    test.feed(amqp::protocol_header);
    const std::string bytes = test.sent_bytes();
    test::for_each_frame(bytes, [](const amqp::Frame& frame) {
        const auto start = amqp::decode_method<amqp::connection::Start>(frame.payload.substr(4));
        const amqp::FieldTable properties = amqp::FieldTable::decode(start->server_properties).value();
        CHECK(*properties.find("product")->as_string() == "RabbitMQ");
        CHECK(*properties.find("version")->as_string() == "4.2.0");
        CHECK(*properties.find("cluster_name")->as_string() == "rabbit@here");
        for (const char* name : {"platform", "copyright", "information"}) {
            CHECK(properties.find(name)->as_string() != nullptr);
        }
        const auto* capabilities = properties.find("capabilities")->get_if<amqp::FieldTable>();
        REQUIRE(capabilities != nullptr);
        CHECK(capabilities->size() == 9);
        for (const char* name : {"publisher_confirms", "exchange_exchange_bindings", "basic.nack",
                                 "consumer_cancel_notify", "connection.blocked", "consumer_priorities",
                                 "authentication_failure_close", "per_consumer_qos", "direct_reply_to"}) {
            CHECK(*capabilities->find(name)->get_if<bool>());
        }
    });
}

TEST_CASE("handshake: from header to open-ok", "[session][handshake][P5][P19][P20]") {
    TestSession test;
    test.start();
    test.sent();
    CHECK(test.transport.logins == std::vector<std::string>{"PLAIN " + std::string("\0alice\0secret", 13)});
    test.session.on_authenticated(test.accepted());
    CHECK(test.sent() == Lines{"0 connection.tune{channel_max=2047, frame_max=131072, heartbeat=60}"});
    test.send(0, amqp::connection::TuneOk{100, 8192, 7});
    test.send(0, amqp::connection::Open{.virtual_host = {"/"}});
    CHECK(test.sent() == Lines{"0 connection.open-ok{}"});
    CHECK(test.transport.virtual_host == "/");

    const broker::SessionSnapshot snapshot = test.session.snapshot();
    CHECK(snapshot.state == "running");
    CHECK(snapshot.user == "alice");
    CHECK(snapshot.virtual_host == "/");
    CHECK(snapshot.protocol == "AMQP 0-9-1");
    CHECK(snapshot.auth_mechanism == "PLAIN");
    CHECK(snapshot.channel_max == 100);
    CHECK(snapshot.frame_max == 8192);
    CHECK(snapshot.timeout_s == 7);
    CHECK(snapshot.client_properties.contains("capabilities"));
    CHECK(snapshot.name == "127.0.0.1:1 -> 127.0.0.1:2");
}

TEST_CASE("handshake: a client may send everything without waiting", "[session][handshake][F12]") {
    TestSession test;
    const std::string rest = TestSession::start_ok() + test::frame(0, amqp::connection::TuneOk{0, 0, 0});
    test.transport.on_authenticate = [&] { test.session.on_authenticated(test.accepted()); };
    test.feed(std::string(amqp::protocol_header) + TestSession::start_ok() +
              test::frame(0, amqp::connection::TuneOk{2047, 131'072, 60}) +
              test::frame(0, amqp::connection::Open{.virtual_host = {"/"}}) + test::frame(1, amqp::channel::Open{}) +
              test::frame(1, amqp::queue::Declare{.queue = {"q"}}));
    CHECK(test.unread() == 0);
    CHECK(test.sent().back() == "0 connection.open-ok{}");
    CHECK(test.commands() == Lines{"1 20,10 OpenChannel", "1 50,10 DeclareQueue{q}"});
    CHECK(test.transport.batches == 1);
}

TEST_CASE("handshake: while a login is checked nothing more is read", "[session][handshake][F12]") {
    TestSession test;
    const std::string tune_ok = test::frame(0, amqp::connection::TuneOk{2047, 131'072, 60});
    test.feed(std::string(amqp::protocol_header) + TestSession::start_ok() + tune_ok);
    CHECK_FALSE(test.session.wants_input());
    CHECK(test.unread() == tune_ok.size());
    test.session.on_authenticated(test.accepted());
    CHECK(test.session.wants_input());
    test.feed("");
    CHECK(test.unread() == 0);
    CHECK(test.session.snapshot().state == "opening");
}

TEST_CASE("handshake: a refused login is told to clients that can take it", "[session][handshake][P17][P18]") {
    for (const auto status : {broker::AuthResult::Status::refused, broker::AuthResult::Status::loopback_only}) {
        TestSession test;
        test.start();
        test.sent();
        test.session.on_authenticated(refused(status));
        const SentClose close(test);
        CHECK(close.code == 403);
        CHECK(close.text == login_refused);
        CHECK(close.class_id == 0);
        CHECK(close.method_id == 0);
        CHECK(test.transport.closes == std::vector<long>{3000});
        CHECK(test.session.finished());
    }
}

TEST_CASE("handshake: other clients see their refused login as a silent close", "[session][handshake][P17][P22]") {
    TestSession test;
    test.start({});
    test.sent();
    test.session.on_authenticated(refused());
    CHECK(test.sent_bytes().empty());
    CHECK(test.transport.closes == std::vector<long>{3000});
}

TEST_CASE("handshake: mistakes before connection.open are answered with silence",
          "[session][handshake][P11][P16][P22]") {
    using Status = broker::AuthResult::Status;
    struct Case {
        const char* name;
        std::function<void(TestSession&)> mistake;
    };
    const Case cases[] = {
        {"a login that cannot be parsed",
         [](auto& t) { t.start(), t.session.on_authenticated(refused(Status::malformed)); }},
        {"a mechanism that nobody knows",
         [](auto& t) { t.start(), t.session.on_authenticated(refused(Status::unknown_mechanism)); }},
        {"tune-ok instead of start-ok",
         [](auto& t) {
             t.feed(amqp::protocol_header), t.send(0, amqp::connection::TuneOk{1, 4096, 0});
         }},
        {"secure-ok", [](auto& t) { t.feed(amqp::protocol_header), t.send(0, amqp::connection::SecureOk{}); }},
        {"open instead of tune-ok", [](auto& t) { t.login(), t.send(0, amqp::connection::Open{}); }},
        {"a frame on a channel", [](auto& t) { t.login(), t.send(1, amqp::channel::Open{}); }},
        {"a frame that is too large",
         [](auto& t) { t.feed(amqp::protocol_header), t.feed(std::string_view("\x01\0\0\0\0\x20\x01", 7)); }},
        {"a method that does not exist",
         [](auto& t) { t.login(), t.feed(test::raw_frame(1, 0, std::string_view("\0\x0a\0\x63", 4))); }},
    };
    for (const Case& each : cases) {
        CAPTURE(each.name);
        TestSession test;
        test.feed("");
        each.mistake(test);
        for (const std::string& line : test.sent()) {
            CHECK_THAT(line, !Catch::Contains("connection.close"));
        }
        CHECK(test.transport.closes == std::vector<long>{3000});
        CHECK(test.session.finished());
    }
}

TEST_CASE("handshake: the first frames may be no larger than the initial limit", "[session][handshake][F2]") {
    TestSession test;
    test.feed(amqp::protocol_header);
    test.feed(std::string_view("\x01\0\0\0\0\x20\0", 7)); // 8192 of payload: 8 more than 8184 are let through
    CHECK(test.transport.closes.empty());
}

TEST_CASE("handshake: impossible limits are refused with 530 that names connection.tune", "[session][handshake][P19]") {
    struct Case {
        amqp::connection::TuneOk tune;
        std::string text;
    };
    const Case cases[] = {
        {{2047, 4095, 60}, "negotiated frame_max = 4095 is lower than the minimum allowed value (4096)"},
        {{2047, 131'073, 60}, "negotiated frame_max = 131073 is higher than the maximum allowed value (131072)"},
        {{0, 131'072, 60}, "negotiated channel_max = 0 (no limit) is higher than the maximum allowed value (2047)"},
        {{2048, 131'072, 60}, "negotiated channel_max = 2048 is higher than the maximum allowed value (2047)"},
    };
    for (const Case& each : cases) {
        TestSession test;
        test.login();
        test.sent();
        test.send(0, each.tune);
        const SentClose close(test);
        CHECK(close.code == 530);
        CHECK(close.text == "NOT_ALLOWED - " + each.text);
        CHECK(close.class_id == 10);
        CHECK(close.method_id == 30);
        CHECK(test.transport.closes.empty()); // waits for close-ok
        test.send(0, amqp::connection::CloseOk{});
        CHECK(test.transport.closes == std::vector<long>{0});
    }
}

TEST_CASE("handshake: lower limits are the client's choice, 0 for frame_max is the server's",
          "[session][handshake][P19]") {
    struct Case {
        amqp::connection::TuneOk tune;
        std::uint32_t frame_max;
    };
    for (const Case& each :
         {Case{{1, 4096, 0}, 4096}, Case{{2047, 0, 5000}, 131'072}, Case{{5, 131'072, 1}, 131'072}}) {
        TestSession test;
        test.open(each.tune);
        const broker::SessionSnapshot snapshot = test.session.snapshot();
        CHECK(snapshot.state == "running");
        CHECK(snapshot.frame_max == each.frame_max);
        CHECK(snapshot.channel_max == each.tune.channel_max);
        CHECK(snapshot.timeout_s == each.tune.heartbeat);
    }
}

TEST_CASE("handshake: without limits of its own the server takes any", "[session][handshake][P19]") {
    broker::SessionConfig config;
    config.channel_max = 0;
    config.frame_max = 0;
    TestSession test(config);
    test.open({0, 0, 0});
    CHECK(test.session.snapshot().state == "running");
}

TEST_CASE("handshake: a virtual host that cannot be opened is told with connection.open's number",
          "[session][handshake][P20]") {
    TestSession test;
    test.login();
    test.send(0, amqp::connection::TuneOk{2047, 131'072, 60});
    test.sent();
    test.transport.open_error = amqp::not_allowed("vhost nowhere not found");
    test.send(0, amqp::connection::Open{.virtual_host = {"nowhere"}});
    const SentClose close(test);
    CHECK(close.code == 530);
    CHECK(close.text == "NOT_ALLOWED - vhost nowhere not found");
    CHECK(close.class_id == 10);
    CHECK(close.method_id == 40);
    CHECK(test.transport.commands.empty());
    test.send(0, amqp::connection::CloseOk{});
    CHECK(test.transport.closes == std::vector<long>{0});
    CHECK(test.session.finished());
}

TEST_CASE("handshake: in state opening mistakes are told", "[session][handshake][P21][P22]") {
    TestSession test;
    test.login();
    test.send(0, amqp::connection::TuneOk{2047, 131'072, 60});
    test.sent();
    test.send(0, amqp::connection::TuneOk{2047, 131'072, 60});
    const SentClose close(test);
    CHECK(close.code == 504);
    CHECK(close.text == "CHANNEL_ERROR - unexpected method in connection state opening");
}

TEST_CASE("handshake: who is not done in time is cut off without a word", "[session][handshake][P3]") {
    TestSession test;
    test.login();
    test.sent();
    test.tick(9999ms);
    CHECK(test.transport.closes.empty());
    test.tick(1ms);
    CHECK(test.sent_bytes().empty());
    CHECK(test.transport.closes == std::vector<long>{0});
    CHECK(test.session.finished());
}

TEST_CASE("handshake: once open, the time limit is over", "[session][handshake][P3]") {
    TestSession test;
    test.open({2047, 131'072, 0});
    test.tick(100s);
    CHECK(test.transport.closes.empty());
}

TEST_CASE("handshake: a login that is answered after the peer has gone is ignored", "[session][handshake]") {
    TestSession test;
    test.start();
    test.sent();
    test.session.on_disconnected();
    test.session.on_authenticated(test.accepted());
    CHECK(test.sent_bytes().empty());
    CHECK(test.session.finished());
}

TEST_CASE("handshake: a client may close before it has opened anything", "[session][handshake]") {
    TestSession test;
    test.login();
    test.sent();
    test.send(0, amqp::connection::Close{200, {"bye"}, 0, 0});
    CHECK(test.sent() == Lines{"0 connection.close-ok{}"});
    CHECK(test.transport.closes == std::vector<long>{0});
}
