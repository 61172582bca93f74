#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;

namespace {

const std::string publish = test::frame(1, amqp::basic::Publish{.exchange = {"e"}, .routing_key = {"k"}});
const std::string method = test::frame(1, amqp::queue::Declare{.queue = {"q"}});

std::string header_of_class(unsigned char class_id) {
    std::string payload(14, '\0');
    payload[1] = static_cast<char>(class_id);
    payload[11] = 1; // a body of one octet
    return test::raw_frame(2, 1, payload);
}

} // namespace

TEST_CASE("content: frames out of order end the connection", "[session][content][F5][F5a][R.502]") {
    struct Case {
        const char* name;
        std::string bytes;
        std::string error;
    };
    const Case cases[] = {
        {"header first", test::header_frame(1, {}, 1),
         "UNEXPECTED_FRAME - expected method frame, got non method frame instead"},
        {"body first", test::body_frame(1, "x"),
         "UNEXPECTED_FRAME - expected method frame, got non method frame instead"},
        {"method for header", publish + method,
         "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead"},
        {"publish for header", publish + publish,
         "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead"},
        {"channel.close for header", publish + test::frame(1, amqp::channel::Close{}),
         "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead"},
        {"channel.open for header", publish + test::frame(1, amqp::channel::Open{}),
         "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead"},
        {"body for header", publish + test::body_frame(1, "x"),
         "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead"},
        {"header of another class", publish + header_of_class(61),
         "UNEXPECTED_FRAME - expected content header for class 60, got one for class 61 instead"},
        {"method for body", publish + test::header_frame(1, {}, 1) + method,
         "UNEXPECTED_FRAME - expected content body, got non content body frame instead"},
        {"header for body", publish + test::header_frame(1, {}, 1) + test::header_frame(1, {}, 1),
         "UNEXPECTED_FRAME - expected content body, got non content body frame instead"},
        {"too much body",
         publish + test::header_frame(1, {}, 3) + test::body_frame(1, "ab") + test::body_frame(1, "cd"),
         "FRAME_ERROR - content body frame exceeds remaining content size"},
        {"beyond all limits", publish + test::header_frame(1, {}, 536'870'913),
         "FRAME_ERROR - content body size 536870913 exceeds maximum allowed size 536870912"},
        {"header cut off", publish + test::raw_frame(2, 1, std::string(11, '\0')),
         "FRAME_ERROR - content header is cut off"},
        {"malformed properties", publish + test::raw_frame(2, 1, std::string("\0\x3c\0\0\0\0\0\0\0\0\0\0\x80\0", 14)),
         "SYNTAX_ERROR - malformed properties"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.name);
        TestSession test;
        test.open().open_channel();
        test.feed(each.bytes);
        const Lines commands = test.commands();
        REQUIRE(commands.size() == 1);
        CHECK_THAT(commands[0], Catch::StartsWith("0 ") && Catch::EndsWith("FailConnection{" + each.error + "}"));
    }
}

TEST_CASE("content: a body may come in any pieces, also empty ones", "[session][content][F5][C35]") {
    TestSession test;
    test.open().open_channel();
    test.feed(publish + test::header_frame(1, {}, 5) + test::body_frame(1, "he") + test::body_frame(1, "") +
              test::body_frame(1, "llo"));
    test.feed(publish + test::header_frame(1, {}, 0));
    CHECK(test.commands() == Lines{"1 publish{e/k hello}", "1 publish{e/k }"});
}

TEST_CASE("content: other channels may interleave", "[session][content][F5]") {
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    const std::string other = test::frame(2, amqp::basic::Publish{.exchange = {"f"}, .routing_key = {"l"}});
    test.feed(publish + other + test::header_frame(1, {}, 2) + test::header_frame(2, {}, 2) +
              test::body_frame(2, "xy") + test::body_frame(1, "ab"));
    CHECK(test.commands() == Lines{"2 publish{f/l xy}", "1 publish{e/k ab}"});
}

TEST_CASE("content: a message above the configured size fails at its header, and its body is swallowed",
          "[session][content][F5a][C27][C35]") {
    broker::SessionConfig config;
    config.max_message_size = 10;
    TestSession test(config);
    test.open().open_channel();
    test.feed(publish + test::content_frames(1, "0123456789"));
    test.feed(publish + test::header_frame(1, {}, 11));
    CHECK(test.commands() ==
          Lines{"1 publish{e/k 0123456789}",
                "1 60,40 FailChannel{PRECONDITION_FAILED - message size 11 is larger than configured max size 10}"});
    test.feed(test::body_frame(1, "0123456789a") + method);
    CHECK(test.commands().empty());
}

TEST_CASE("content: properties are passed on octet for octet", "[session][content]") {
    TestSession test;
    test.open().open_channel();
    amqp::BasicProperties properties;
    properties.content_type = "text/plain";
    properties.headers = amqp::FieldTable{{"n", std::int16_t{3}}, {"n", "again"}};
    properties.delivery_mode = 2;
    properties.cluster_id = "c";
    test.feed(test::publish_frames(1, "e", "k", "hello", properties));
    const auto& message = *std::get<broker::Publish>(test.transport.commands.at(0).what).message;
    CHECK(message.properties() == properties.encode());
    CHECK(message.persistent());
}
