#include "protocol/frame_parser.hpp"
#include "protocol/frame_writer.hpp"
#include "tests/unit/protocol/octets.hpp"

#include <catch2/catch.hpp>

using namespace amqp;

namespace {

const std::string properties = octets("1000 02");

std::vector<std::size_t> body_frames(std::size_t body_size, std::size_t frame_max) {
    const MessagePtr message = Message::make("", "", properties, std::string(body_size, 'x'));
    std::string out;
    write_content(out, 1, *message, frame_max);

    std::vector<std::size_t> sizes;
    const FrameParser parser(frame_max);
    Bytes rest = out;
    bool header_seen = false;
    while (!rest.empty()) {
        const auto parsed = parser.next(rest).value();
        REQUIRE(parsed);
        if (!header_seen) {
            CHECK(parsed->frame.type == FrameType::header);
            header_seen = true;
        } else {
            CHECK(parsed->frame.type == FrameType::body);
            sizes.push_back(parsed->frame.payload.size());
        }
        rest.remove_prefix(parsed->size);
    }
    return sizes;
}

} // namespace

TEST_CASE("frame writer: a method frame", "[protocol][frame][F1]") {
    std::string out = "before";
    write_method(out, 0x0102, basic::Ack{.delivery_tag = 5, .multiple = true});
    CHECK(out == "before" + octets("01 0102 0000000d 003c 0050 0000000000000005 01 ce"));
}

TEST_CASE("frame writer: a small method and one with a large table are written alike", "[protocol][frame][F1]") {
    for (const std::size_t size : {0u, 1900u, 2100u, 20'000u}) { // small ones are put together apart
        const std::string table(size, 'x');
        std::string out;
        write_method(out, 1,
                     queue::Declare{.queue = {"q"}, .durable = true, .auto_delete = true, .arguments = {table}});
        std::string payload = octets("0032 000a 0000 01") + "q" + octets("0a");
        WireWriter(payload).put(static_cast<std::uint32_t>(size));
        payload += table;
        std::string expected = octets("01 0001");
        WireWriter(expected).put(static_cast<std::uint32_t>(payload.size()));
        CHECK((out == expected + payload + octets("ce")));
    }
}

TEST_CASE("frame writer: a method with its content is both, one after the other", "[protocol][frame][F6]") {
    for (const std::size_t size : {0u, 1u, 1988u, 1989u, 4088u, 4089u, 20'000u}) { // 1,988 is put together apart
        const auto message = Message::make("e", "k", properties, std::string(size, 'x'));
        const basic::Deliver method{{"tag"}, 7, true, {"e"}, {"k"}};
        std::string together = "before", apart = together;
        write_method(together, 3, method, *message, 4096);
        write_method(apart, 3, method);
        write_content(apart, 3, *message, 4096);
        CHECK((together == apart));
    }
}

TEST_CASE("frame writer: a heartbeat", "[protocol][frame][H2]") {
    std::string out;
    write_heartbeat(out);
    CHECK(hexadecimal(out) == "08 00 00 00 00 00 00 ce");
}

TEST_CASE("frame writer: content is a header frame and body frames", "[protocol][frame][F6]") {
    std::string out;
    write_content(out, 1, *Message::make("e", "k", properties, "hello"), frame_min_size);
    CHECK(out ==
          octets("02 0001 0000000f 003c 0000 0000000000000005 1000 02 ce") + octets("03 0001 00000005 'hello' ce"));

    std::string header;
    write_content_header(header, 1, properties, 5);
    std::string body;
    write_frame_header(body, FrameType::body, 1, 5);
    CHECK(out == header + body + "hello\xCE");
}

TEST_CASE("frame writer: a body is cut at frame_max - 8", "[protocol][frame][F6]") {
    using Sizes = std::vector<std::size_t>;
    CHECK(body_frames(0, 4096) == Sizes{});
    CHECK(body_frames(1, 4096) == Sizes{1});
    CHECK(body_frames(4088, 4096) == Sizes{4088});
    CHECK(body_frames(4089, 4096) == Sizes{4088, 1});
    CHECK(body_frames(3 * 4088, 4096) == Sizes{4088, 4088, 4088});
    CHECK(body_frames(10'000, 0) == Sizes{10'000});
    CHECK(body_frames(0, 0) == Sizes{});
}
