// Body frames that are taken while they come, some of their octets straight into the message: whatever a read brings,
// the session does as if it had been given whole frames.
#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>

using test::Lines;
using test::TestSession;

namespace {

constexpr std::size_t large = 48 << 10; // the least frame that there is room for

const std::string publish = test::frame(1, amqp::basic::Publish{.exchange = {"e"}, .routing_key = {"k"}});

std::string octets(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
    }
    return text;
}

// One read of a connection: into the message where there is room, the rest to on_bytes. How much went into messages.
std::size_t read(TestSession& test, std::string_view input) {
    const std::span<char> room = test.session.body_room();
    const std::size_t part = input.copy(room.data(), room.size());
    if (part != 0) {
        CHECK(test.unread() == 0);
        test.session.body_filled(part);
    }
    test.feed(input.substr(part));
    return part;
}

// In two reads, or more of the same size.
std::size_t read_cut(TestSession& test, std::string_view input, std::size_t first) {
    const std::size_t part = read(test, input.substr(0, first));
    return part + read(test, input.substr(first));
}
std::size_t read_in_steps(TestSession& test, std::string_view input, std::size_t step) {
    std::size_t in_messages = 0;
    for (std::size_t at = 0; at < input.size(); at += step) {
        in_messages += read(test, input.substr(at, step));
    }
    return in_messages;
}

// The bodies of what was published, and nothing else, since the last time.
Lines published(TestSession& test) {
    Lines bodies;
    for (const broker::Command& command : test.transport.commands) {
        const auto* publish_command = std::get_if<broker::Publish>(&command.what);
        bodies.push_back(publish_command == nullptr ? "?" : std::string(publish_command->message->body()));
    }
    test.transport.commands.clear();
    return bodies;
}

} // namespace

TEST_CASE("body frames: cut anywhere, a message is the same", "[session][content][F5]") {
    const std::string body = octets(large + 300);
    const std::string input = publish + test::content_frames(1, body);
    TestSession test;
    test.open().open_channel();
    const std::uint64_t before = test.session.snapshot().octets_received;
    std::set<bool> ways; // through the room, and not
    const auto is_inside = [&](std::size_t cut) { return cut > 200 && cut + 400 < input.size(); }; // of the body
    for (std::size_t cut = 0; cut <= input.size(); cut += is_inside(cut) ? 13 : 1) {
        const std::size_t part = read_cut(test, input, cut);
        ways.insert(part != 0);
        if (published(test) != Lines{body} || test.unread() != 0) {
            FAIL("cut at " << cut);
        }
    }
    CHECK(ways == std::set<bool>{false, true});
    CHECK(test.session.snapshot().octets_received % input.size() == before % input.size());
}

TEST_CASE("body frames: in reads of any size, several messages in several frames are the same",
          "[session][content][F5]") {
    const std::string body = octets(5 * large);
    std::string input;
    Lines expected;
    for (const std::size_t frame_size : {2 * large, large, std::size_t{1000}}) {
        input += publish + test::header_frame(1, {}, body.size());
        for (std::size_t at = 0; at < body.size(); at += frame_size) {
            input += test::body_frame(1, std::string_view(body).substr(at, frame_size)) + test::heartbeat_frame();
        }
        expected.push_back(body);
    }
    for (const std::size_t step : {std::size_t{7}, std::size_t{977}, large, large + 1, input.size()}) {
        CAPTURE(step);
        TestSession test;
        test.open().open_channel();
        const std::size_t in_messages = read_in_steps(test, input, step);
        CHECK((published(test) == expected)); // without printing it
        CHECK((in_messages == 0) == (step == input.size()));
    }
}

TEST_CASE("body frames: there is room in the middle of a large one only", "[session][content]") {
    TestSession test;
    test.open().open_channel();
    const std::string body = octets(large + large - 1);
    test.feed(publish + test::header_frame(1, {}, body.size()));
    CHECK(test.session.body_room().empty());
    const std::string first = test::body_frame(1, body.substr(0, large));
    test.feed(first.substr(0, 6));
    CHECK(test.session.body_room().empty());
    test.feed(first.substr(6, 1));
    CHECK(test.session.body_room().size() == large);
    test.feed(first.substr(7, large - 1));
    CHECK(test.session.body_room().size() == 1);
    test.feed(first.substr(6 + large, 1));
    CHECK(test.session.body_room().empty()); // but for the end octet all is there
    const std::string second = test::body_frame(1, body.substr(large));
    test.feed(first.substr(7 + large) + second.substr(0, 100));
    CHECK(test.session.body_room().empty());
    test.feed(second.substr(100));
    CHECK((published(test) == Lines{body}));
}

TEST_CASE("body frames: memory grows with what has come, whatever was announced", "[session][content][F5a]") {
    broker::SessionConfig config;
    config.frame_max = 0;
    config.max_message_size = 512 << 20;
    TestSession test(config);
    test.open({2047, 0, 60}).open_channel();
    const std::string body = octets(1 << 20);
    const std::uint64_t announced = 512 << 20;
    std::string begin = publish + test::header_frame(1, {}, announced) + test::body_frame(1, "");
    amqp::write_frame_header(begin, amqp::FrameType::body, 1, announced);
    test.feed(begin);
    std::size_t came = 0;
    while (came < body.size()) {
        const std::size_t room = test.session.body_room().size();
        CHECK(room >= large);
        CHECK(room <= std::max<std::size_t>(128 << 10, came + 2 * large));
        came += read(test, std::string_view(body).substr(came, large - 1));
    }
    CHECK(test.unread() == 0);
}

TEST_CASE("body frames: a wrong end octet is told as of a whole frame", "[session][frames][F3]") {
    for (const std::size_t size : {std::size_t{3}, large + 100}) {
        const std::string body = octets(size);
        std::string frames = publish + test::header_frame(1, {}, size) + test::body_frame(1, body);
        frames.back() = 'x';
        TestSession whole;
        whole.open().open_channel();
        whole.feed(frames);
        const Lines expected = whole.commands();
        REQUIRE(expected.size() == 1);
        for (const std::size_t step : {std::size_t{1}, std::size_t{50}, large + 50}) {
            TestSession test;
            test.open().open_channel();
            read_in_steps(test, frames + test::heartbeat_frame(), step);
            CHECK(test.commands() == expected);
            CHECK_FALSE(test.session.wants_input());
            CHECK(test.unread() == 0);
            CHECK(test.session.body_room().empty());
        }
    }
}

TEST_CASE("body frames: out of place they wait until they are whole", "[session][content][F5]") {
    const std::string body = octets(2 * large);
    const std::string frame = test::body_frame(1, body);
    const std::string cases[] = {
        frame,                                                              // no publish
        publish + frame,                                                    // no header
        publish + test::header_frame(1, {}, body.size() - 1) + frame,       // too long
        publish + test::header_frame(1, {}, 1) + test::body_frame(2, body), // another channel
    };
    for (const std::string& input : cases) {
        TestSession whole;
        whole.open().open_channel();
        whole.feed(input);
        const Lines expected = whole.commands();
        TestSession test;
        test.open().open_channel();
        CHECK(read_cut(test, input, input.size() - body.size()) == 0);
        CHECK(test.commands() == expected);
    }
}

TEST_CASE("body frames: a channel may fail in the middle of one", "[session][content][C35]") {
    const std::string body = octets(2 * large);
    const std::string input = publish + test::content_frames(1, body);
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    read(test, input.substr(0, 100));
    read(test, input.substr(100, large));
    test.channel_failed(amqp::not_found("no exchange"));
    CHECK(test.sent().size() == 1);
    read(test, input.substr(100 + large) + test::frame(2, amqp::basic::Qos{.prefetch_count = 1}));
    const Lines commands = test.commands();
    REQUIRE(commands.size() == 2); // of the message nothing
    CHECK_THAT(commands[0], Catch::Contains("FinishChannel"));
    CHECK_THAT(commands[1], Catch::StartsWith("2 "));
}

TEST_CASE("body frames: a connection may end in the middle of one", "[session][content]") {
    const std::string body = octets(2 * large);
    const std::string input = publish + test::content_frames(1, body);
    TestSession test;
    test.open().open_channel();
    read(test, input.substr(0, 100));
    test.connection_failed(amqp::not_allowed("closed"));
    test.events(broker::ConnectionClosed{});
    CHECK(test.session.body_room().empty());
    test.commands();
    read(test, input.substr(100) + test::frame(0, amqp::connection::CloseOk{}));
    CHECK(test.commands().empty());
    CHECK(test.session.finished());
}

TEST_CASE("body frames: who goes in the middle of one leaves nothing", "[session][content]") {
    TestSession test;
    test.open().open_channel();
    read(test, (publish + test::content_frames(1, octets(2 * large))).substr(0, 5000));
    CHECK_FALSE(test.session.body_room().empty());
    test.session.on_disconnected();
    const Lines commands = test.commands();
    REQUIRE(commands.size() == 1);
    CHECK_THAT(commands[0], Catch::Contains("StopConnection"));
}
