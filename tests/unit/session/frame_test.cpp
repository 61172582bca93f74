#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;

namespace {

// What a session with an open channel 1 asks for after `bytes`.
Lines commands_after(std::string_view bytes) {
    TestSession test;
    test.open().open_channel();
    test.feed(bytes);
    return test.commands();
}

} // namespace

TEST_CASE("frames: what ends the connection, with code and text", "[session][frames][F2][F3][F4][F9][P21]") {
    struct Case {
        const char* name;
        std::string bytes;
        std::string command;
    };
    const std::string content{"\x00\x3c\x00\x00", 4};
    const Case cases[] = {
        {"too large [F2]", std::string("\x03\x00\x01\x00\x02\x00\x01", 7),
         "0 FailConnection{FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,131073,131064}}"},
        {"bad end octet [F3]", std::string("\x01\x00\x01\x00\x00\x00\x02\x00\x14\x00", 10),
         "0 FailConnection{FRAME_ERROR - type 1, all octets = <<0,20>>: {invalid_frame_end_marker,0}}"},
        {"unknown type [F4]", test::raw_frame(7, 1, ""),
         "0 FailConnection{FRAME_ERROR - type 7, all octets = <<>>: unknown_frame}"},
        {"content on channel 0 [F4]", test::raw_frame(2, 0, content),
         "0 60,40 FailConnection{UNEXPECTED_FRAME - type 2, all octets = <<0,60,0,0>>}"},
        {"heartbeat on another channel [F4]", test::raw_frame(8, 1, ""),
         "0 60,40 FailConnection{UNEXPECTED_FRAME - type 8, all octets = <<>>}"},
        {"a method nobody knows [F9]", test::raw_frame(1, 1, std::string_view("\x00\x3c\x03\xe7", 4)),
         "0 FailConnection{INTERNAL_ERROR}"},
        {"arguments that end too early [F9]", test::raw_frame(1, 1, std::string_view("\x00\x3c\x00\x0a\x00", 5)),
         "0 FailConnection{INTERNAL_ERROR}"},
        {"a method frame without a method [F9]", test::raw_frame(1, 1, std::string_view("\x00\x3c", 2)),
         "0 FailConnection{INTERNAL_ERROR}"},
        {"a method for clients", test::frame(1, amqp::basic::Deliver{}),
         "0 60,60 FailConnection{COMMAND_INVALID - unimplemented method}"},
        {"a connection method on a channel", test::frame(1, amqp::connection::Open{}),
         "0 10,40 FailConnection{COMMAND_INVALID - unimplemented method}"},
        {"a channel method on channel 0", test::frame(0, amqp::channel::Open{}),
         "0 20,10 FailConnection{COMMAND_INVALID - unimplemented method}"},
        {"handshake again [P21]", test::frame(0, amqp::connection::TuneOk{}),
         "0 10,31 FailConnection{CHANNEL_ERROR - unexpected method in connection state running}"},
        {"close-ok to nothing [P21]", test::frame(0, amqp::connection::CloseOk{}),
         "0 10,51 FailConnection{CHANNEL_ERROR - unexpected method in connection state running}"},
        {"channel.open twice", test::frame(1, amqp::channel::Open{}),
         "0 20,10 FailConnection{CHANNEL_ERROR - second 'channel.open' seen}"},
        {"a method on a channel that is not open", test::frame(2, amqp::queue::Declare{}),
         "0 50,10 FailConnection{CHANNEL_ERROR - expected 'channel.open'}"},
        {"channel.close on a channel that is not open", test::frame(2, amqp::channel::Close{}),
         "0 20,40 FailConnection{CHANNEL_ERROR - expected 'channel.open'}"},
        {"close-ok on a channel that is not open", test::frame(2, amqp::channel::CloseOk{}),
         "0 20,41 FailConnection{CHANNEL_ERROR - expected 'channel.open'}"},
        {"close-ok on an open channel", test::frame(1, amqp::channel::CloseOk{}),
         "0 20,41 FailConnection{COMMAND_INVALID - unimplemented method}"},
        {"content on a channel that is not open [F5]", test::raw_frame(2, 2, content),
         "0 60,40 FailConnection{UNEXPECTED_FRAME - expected method frame, got non method frame instead}"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.name);
        CHECK(commands_after(each.bytes) == Lines{each.command});
    }
}

TEST_CASE("frames: clients may exceed frame_max by eight octets", "[session][frames][F2]") {
    const auto payload = std::string(131'072, 'x');
    const std::string publish = test::frame(1, amqp::basic::Publish{.routing_key = {"q"}});
    const Lines commands =
        commands_after(publish + test::header_frame(1, {}, payload.size()) + test::body_frame(1, payload));
    REQUIRE(commands.size() == 1);
    CHECK_THAT(commands[0], Catch::StartsWith("1 publish{/q xxx"));
}

TEST_CASE("frames: after a bad frame nothing is read any more", "[session][frames][F3]") {
    TestSession test;
    test.open().open_channel();
    test.feed(std::string("\x01\x00\x01\x00\x00\x00\x00!", 8) + test::frame(1, amqp::queue::Declare{.queue = {"q"}}));
    CHECK(test.unread() == 0);
    CHECK_FALSE(test.session.wants_input());
    test.commands();
    test.feed(test::frame(0, amqp::connection::Close{}));
    test.connection_failed(amqp::frame_error("bad"));
    CHECK(test.sent() ==
          Lines{"0 connection.close{reply_code=501, reply_text=FRAME_ERROR - bad, class_id=0, method_id=0}"});
    CHECK(test.transport.closes == std::vector<long>{3000});
}

TEST_CASE("frames: heartbeats are legal at any time", "[session][frames][H6]") {
    TestSession test;
    test.login();
    test.feed(test::heartbeat_frame());
    test.send(0, amqp::connection::TuneOk{2047, 131'072, 60});
    test.feed(test::heartbeat_frame());
    test.send(0, amqp::connection::Open{.virtual_host = {"/"}});
    test.feed(test::heartbeat_frame());
    CHECK(test.transport.closes.empty());
    CHECK(test.session.snapshot().state == "running");
}

TEST_CASE("channels: as many as negotiated, whatever their numbers", "[session][channels][F7]") {
    TestSession test;
    test.open({3, 131'072, 60});
    for (const amqp::ChannelNumber number : std::initializer_list<amqp::ChannelNumber>{65'535, 7, 2000}) {
        test.send(number, amqp::channel::Open{});
    }
    CHECK(test.commands() == Lines{"65535 20,10 OpenChannel", "7 20,10 OpenChannel", "2000 20,10 OpenChannel"});
    test.send(1, amqp::channel::Open{});
    CHECK(test.commands() ==
          Lines{"0 20,10 FailConnection{NOT_ALLOWED - number of channels opened (3) has reached the negotiated "
                "channel_max (3)}"});
}

TEST_CASE("session: update-secret is acknowledged", "[session]") {
    TestSession test;
    test.open();
    test.send(0, amqp::connection::UpdateSecret{{"new"}, {"why"}});
    CHECK(test.sent() == Lines{"0 connection.update-secret-ok{}"});
}
