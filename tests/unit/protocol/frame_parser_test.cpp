#include "protocol/frame_parser.hpp"
#include "tests/unit/protocol/octets.hpp"

#include <catch2/catch.hpp>

using namespace amqp;

namespace {

std::string frame(std::uint8_t type, const std::string& channel, const std::string& payload,
                  const std::string& end = "\xCE") {
    std::string out(1, static_cast<char>(type));
    out += octets(channel);
    for (int shift = 24; shift >= 0; shift -= 8) {
        out += static_cast<char>(payload.size() >> shift);
    }
    return out + payload + end;
}

struct Seen {
    FrameType type;
    ChannelNumber channel;
    std::string payload;
    bool operator==(const Seen&) const = default;
};

// What a reader sees that gets `part` octets at a time.
std::vector<Seen> parse_in_parts(const std::string& input, std::size_t part) {
    const FrameParser parser(frame_min_size);
    std::vector<Seen> seen;
    std::string unread;
    for (std::size_t at = 0; at < input.size(); at += part) {
        unread += input.substr(at, part);
        for (auto parsed = parser.next(unread).value(); parsed; parsed = parser.next(unread).value()) {
            seen.push_back({parsed->frame.type, parsed->frame.channel, std::string(parsed->frame.payload)});
            unread.erase(0, parsed->size);
        }
    }
    CHECK(unread.empty());
    return seen;
}

} // namespace

TEST_CASE("frame parser: finds type, channel and payload", "[protocol][frame][F1]") {
    const std::string input = octets("03 0102 00000002 'ab' ce 'rest'");
    const auto parsed = FrameParser(frame_min_size).next(input).value();
    REQUIRE(parsed);
    CHECK(parsed->frame.type == FrameType::body);
    CHECK(parsed->frame.channel == 0x0102);
    CHECK(parsed->frame.payload.data() == input.data() + frame_header_size);
    CHECK(parsed->frame.payload == "ab");
    CHECK(parsed->size == 10);
}

TEST_CASE("frame parser: octet by octet is the same as whole", "[protocol][frame][F1]") {
    const std::string input = frame(8, "0000", "") + frame(1, "0001", "method") + frame(2, "ffff", "header") +
                              frame(3, "0001", std::string(4096, '\xCE')) + frame(3, "0001", "");
    const std::vector<Seen> whole = parse_in_parts(input, input.size());
    CHECK(whole.size() == 5);
    CHECK(whole[3] == Seen{FrameType::body, 1, std::string(4096, '\xCE')});
    for (const std::size_t part : {1, 2, 3, 7, 8, 4095}) {
        CAPTURE(part);
        CHECK(parse_in_parts(input, part) == whole);
    }
}

TEST_CASE("frame parser: waits for a frame cut at any point", "[protocol][frame]") {
    const FrameParser parser(frame_min_size);
    const std::string input = frame(1, "0001", "payload");
    for (std::size_t size = 0; size < input.size(); ++size) {
        CAPTURE(size);
        const Bytes cut = Bytes(input).substr(0, size);
        CHECK_FALSE(parser.next(cut).value());
        const auto begun = FrameParser::begun(cut);
        REQUIRE(begun.has_value() == (size >= frame_header_size));
        if (begun) {
            CHECK(begun->type == FrameType::method);
            CHECK(begun->channel == 1);
            CHECK(begun->payload_size == 7);
        }
    }
}

TEST_CASE("frame parser: a payload may exceed frame_max - 8 by 8 octets", "[protocol][frame][F2]") {
    const FrameParser parser(frame_min_size);
    CHECK(parser.next(frame(3, "0001", std::string(frame_min_size, 'x'))).value());

    const std::string header = octets("03 0001 00001001"); // known before the payload comes
    CHECK(parser.next(header).error() == frame_error("type 3, all octets = <<>>: {frame_too_large,4097,4088}"));
    CHECK(parser.next(octets("03 0001 ffffffff")).has_error());
}

TEST_CASE("frame parser: frame_max can change, 0 is no limit", "[protocol][frame]") {
    const std::string input = frame(3, "0001", std::string(10'000, 'x'));
    FrameParser parser(frame_min_size);
    CHECK(parser.next(input).has_error());
    parser.set_frame_max(0);
    CHECK(parser.next(input).value());
    parser.set_frame_max(10'000);
    CHECK(parser.next(input).value());
    CHECK(parser.frame_max() == 10'000);
}

TEST_CASE("frame parser: a wrong end octet is a frame error", "[protocol][frame][F3]") {
    const FrameParser parser(frame_min_size);
    CHECK(parser.next(frame(3, "0001", octets("0102 ff"), octets("07"))).error() ==
          frame_error("type 3, all octets = <<1,2,255>>: {invalid_frame_end_marker,7}"));
    CHECK(parser.next(frame(1, "0001", octets("0102030405060708090a0b0c0d0e0f1011"), octets("00"))).error() ==
          frame_error("type 1, first 16 octets = <<1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16>>: "
                      "{invalid_frame_end_marker,0}"));
    CHECK(FrameParser::bad_end(FrameType::body, octets("0102 ff"), 7) ==
          parser.next(frame(3, "0001", octets("0102 ff"), octets("07"))).error());
}

TEST_CASE("frame parser: only four types of frame exist", "[protocol][frame][F4]") {
    const FrameParser parser(frame_min_size);
    for (int type = 0; type < 256; ++type) {
        CAPTURE(type);
        const auto parsed = parser.next(frame(static_cast<std::uint8_t>(type), "0000", ""));
        if (type == 1 || type == 2 || type == 3 || type == 8) {
            CHECK(parsed.value()->frame.type == static_cast<FrameType>(type));
        } else {
            CHECK(parsed.error() == frame_error("type " + std::to_string(type) + ", all octets = <<>>: unknown_frame"));
        }
    }
}
