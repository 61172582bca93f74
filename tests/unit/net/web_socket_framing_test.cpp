#include "broker/net/web_socket_framing.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

using broker::WebSocketFraming;
using namespace std::string_literals;

namespace {

enum Opcode : unsigned { continuation = 0, text = 1, binary = 2, close_frame = 8, ping = 9, pong = 10 };
constexpr unsigned fin = 0x80, mask = 0x80;

std::string big_endian(std::uint64_t value, std::size_t octets) {
    std::string result(octets, '\0');
    for (std::size_t i = octets; i-- > 0; value >>= 8) {
        result[i] = static_cast<char>(value);
    }
    return result;
}

std::string length_form(std::uint64_t length, unsigned first_bit) {
    return length < 126     ? big_endian(first_bit | length, 1)
           : length < 65536 ? big_endian(first_bit | 126, 1) + big_endian(length, 2)
                            : big_endian(first_bit | 127, 1) + big_endian(length, 8);
}

// As a client sends it.
std::string frame(unsigned first_octet, std::string payload) {
    const std::string key = "\x37\xfa\x21\x3d";
    for (std::size_t i = 0; i < payload.size(); ++i) {
        payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
    }
    return big_endian(first_octet, 1) + length_form(payload.size(), mask) + key + payload;
}

// As a server sends it.
std::string answer(unsigned opcode, const std::string& payload) {
    return big_endian(fin | opcode, 1) + length_form(payload.size(), 0) + payload;
}

std::string message(const std::string& payload) {
    return frame(fin | binary, payload);
}

std::string take(WebSocketFraming& framing, std::string octets) {
    octets.resize(framing.unwrap(octets));
    return octets;
}

// Gives `pieces` to be sent and takes at most `most` octets of what comes of it.
std::string give(WebSocketFraming& framing, std::vector<std::string> pieces, std::size_t most = SIZE_MAX) {
    std::vector<iovec> payload;
    for (std::string& piece : pieces) {
        payload.push_back({piece.data(), piece.size()});
    }
    std::vector<iovec> framed(pieces.size() + 1);
    framed.resize(framing.wrap(payload, framed));
    std::string octets;
    for (const iovec& piece : framed) {
        octets.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
    }
    octets.resize(std::min(octets.size(), most));
    framing.sent(octets.size());
    return octets;
}

std::string goodbye(WebSocketFraming& framing) {
    framing.close();
    return give(framing, {});
}

const std::vector<std::size_t> lengths{0, 1, 3, 4, 7, 8, 9, 125, 126, 127, 1000, 65535, 65536, 70001};

std::string octets_of(std::size_t length) {
    std::string octets(length, '\0');
    for (std::size_t i = 0; i < length; ++i) {
        octets[i] = static_cast<char>(i * 7 + 1);
    }
    return octets;
}

} // namespace

TEST_CASE("web socket: messages of every form of length come in and go out", "[net][websocket]") {
    for (const std::size_t length : lengths) {
        CAPTURE(length);
        const std::string payload = octets_of(length);
        WebSocketFraming framing;
        CHECK(take(framing, message(payload) + message("AMQP")) == payload + "AMQP");
        CHECK(!framing.ended());
        CHECK(!framing.has_output());
        CHECK(give(framing, {payload}) == (length == 0 ? "" : answer(binary, payload)));
        CHECK(!framing.has_output());
    }
}

TEST_CASE("web socket: what comes may be cut at every octet", "[net][websocket]") {
    const std::string stream = message("ab") + frame(fin | ping, "are you there") + message(octets_of(126)) +
                               frame(binary, "first") + frame(fin | pong, "") + frame(continuation, "") +
                               frame(fin | continuation, "last") + frame(fin | close_frame, "\x03\xe9going"s);
    const std::string payload = "ab" + octets_of(126) + "firstlast";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        CAPTURE(cut);
        WebSocketFraming framing;
        const std::string before = take(framing, stream.substr(0, cut));
        CHECK(before + take(framing, stream.substr(cut)) == payload);
        CHECK(framing.ended());
        CHECK(framing.failure().empty());
    }
    WebSocketFraming framing;
    std::string octet_by_octet;
    for (const char octet : stream) {
        octet_by_octet += take(framing, std::string(1, octet));
    }
    CHECK(octet_by_octet == payload);
    CHECK(goodbye(framing) == answer(close_frame, "\x03\xe9"));
}

TEST_CASE("web socket: of several pings the last is answered, between messages", "[net][websocket]") {
    WebSocketFraming framing;
    const std::string longest(125, 'x');
    CHECK(take(framing, frame(fin | ping, "one") + frame(fin | ping, longest)).empty());
    CHECK(framing.has_output());
    CHECK(give(framing, {"payload"}) == answer(pong, longest) + answer(binary, "payload"));
    CHECK(!framing.has_output());

    CHECK(give(framing, {"payload"}, 4) == answer(binary, "payload").substr(0, 4));
    take(framing, frame(fin | ping, ""));
    CHECK(!framing.has_output()); // not now
    CHECK(give(framing, {"yload"}) == "yload");
    CHECK(framing.has_output());
    CHECK(give(framing, {}) == answer(pong, ""));
}

TEST_CASE("web socket: a message that is sent in parts is one message", "[net][websocket]") {
    const std::string whole = answer(binary, octets_of(300));
    for (std::size_t first = 0; first <= whole.size(); ++first) {
        CAPTURE(first);
        WebSocketFraming framing;
        const std::string one = octets_of(300).substr(0, 100), other = octets_of(300).substr(100);
        std::string sent = give(framing, {one, other}, first);
        const std::size_t of_payload = first < 4 ? 0 : first - 4;
        // More has been added meanwhile: it is the next message.
        const std::string rest = octets_of(300).substr(of_payload) + "more";
        sent += give(framing, {rest});
        CHECK(sent == (first == whole.size() ? whole + answer(binary, "more") : whole));
        if (first < whole.size()) {
            CHECK(give(framing, {"more"}) == answer(binary, "more"));
        }
    }
}

TEST_CASE("web socket: mistakes end it, each with its code", "[net][websocket]") {
    struct Mistake {
        std::string name, octets;
        unsigned code;
    };
    const std::string unmasked = answer(binary, "AMQP");
    const Mistake mistakes[] = {
        {"not masked", unmasked, 1002},
        {"a reserved bit", frame(fin | 0x40 | binary, "compressed"), 1002},
        {"text", frame(fin | text, "AMQP"), 1003},
        {"opcode 3", frame(fin | 3, ""), 1002},
        {"opcode 11", frame(fin | 11, ""), 1002},
        {"goes on without having begun", frame(fin | continuation, "x"), 1002},
        {"begins within another", frame(binary, "x") + frame(fin | binary, "y"), 1002},
        {"a fragmented ping", frame(ping, "x"), 1002},
        {"a ping that is too long", frame(fin | ping, std::string(126, 'x')), 1002},
        {"a length of 16 bits that needs 7", "\x82\xfe\0\x7d"s + "key_", 1002},
        {"a length of 64 bits that needs 16", "\x82\xff\0\0\0\0\0\0\xff\xff"s + "key_", 1002},
        {"a negative length", "\x82\xff\x80\0\0\0\0\0\0\0"s + "key_", 1002},
        {"a close code of one octet", frame(fin | close_frame, "\x03"), 1002},
        {"a close code that is never sent", frame(fin | close_frame, "\x03\xed"), 1002},
    };
    for (const Mistake& mistake : mistakes) {
        CAPTURE(mistake.name);
        WebSocketFraming framing;
        const std::string before = mistake.name == "begins within another" ? "ab" + std::string("x") : "ab";
        CHECK(take(framing, message("ab") + mistake.octets + message("never seen")) == before);
        CHECK(framing.ended());
        CHECK(!framing.failure().empty());
        CHECK(goodbye(framing) == answer(close_frame, big_endian(mistake.code, 2)));
    }
}

TEST_CASE("web socket: the longest message is begun, nothing is kept for it", "[net][websocket]") {
    WebSocketFraming framing;
    CHECK(take(framing, "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s + "\0\0\0\0"s + "AMQP") == "AMQP");
    CHECK(!framing.ended());
    CHECK(take(framing, octets_of(70000)) == octets_of(70000));
}

TEST_CASE("web socket: good-bye", "[net][websocket]") {
    struct Case {
        std::string payload, echo;
    };
    for (const auto& [payload, echo] : {Case{"", ""}, {"\x03\xe8", "\x03\xe8"}, {"\x0b\xb8why", "\x0b\xb8"}}) {
        WebSocketFraming framing;
        take(framing, frame(fin | close_frame, payload) + "anything");
        CHECK(framing.ended());
        CHECK(framing.failure().empty());
        CHECK(goodbye(framing) == answer(close_frame, echo));
    }
    WebSocketFraming ours;
    CHECK(goodbye(ours) == answer(close_frame, "\x03\xe8"));
    WebSocketFraming in_the_middle;
    give(in_the_middle, {"payload"}, 5);
    CHECK(goodbye(in_the_middle).empty()); // it would be taken for payload
}
