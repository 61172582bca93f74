#include "protocol/message.hpp"
#include "protocol/properties.hpp"
#include "tests/unit/protocol/dies.hpp"
#include "tests/unit/protocol/octets.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <thread>

using namespace amqp;

namespace {

const std::string no_properties = octets("0000");

MessagePtr with_properties(const BasicProperties& properties) {
    return Message::make("e", "k", properties.encode(), "body");
}

} // namespace

TEST_CASE("message: holds what it was made of", "[protocol][message]") {
    const std::string properties = octets("8000 01 'a'");
    const MessagePtr message = Message::make("exchange", "routing.key", properties, "body");
    CHECK(message->exchange() == "exchange");
    CHECK(message->routing_key() == "routing.key");
    CHECK(message->properties() == properties);
    CHECK(message->body() == "body");
    CHECK(message->body_size() == 4);
    CHECK(message->footprint() == sizeof(Message) + 8 + 11 + 4 + 4);
}

TEST_CASE("message: may be empty in every part", "[protocol][message]") {
    const MessagePtr message = Message::make("", "", no_properties, "");
    CHECK(message->exchange().empty());
    CHECK(message->routing_key().empty());
    CHECK(message->properties() == no_properties);
    CHECK(message->body().empty());
    CHECK_FALSE(message->persistent());
    CHECK_FALSE(message->has_headers());
    CHECK(message->priority() == 0);
    CHECK(message->expiration_ms() == Message::no_expiration);
}

TEST_CASE("message: names have 255 octets, never 256", "[protocol][message]") {
    const std::string name(255, 'n');
    const MessagePtr message = Message::make(name, name, no_properties, "body");
    CHECK(message->exchange() == name);
    CHECK(message->routing_key() == name);
    CHECK(message->body() == "body");
    CHECK(dies([] { Message::make(std::string(256, 'n'), "", no_properties, ""); }));
    CHECK(dies([] { Message::make("", std::string(256, 'n'), no_properties, ""); }));
}

TEST_CASE("message: reads the properties that the broker needs", "[protocol][message]") {
    CHECK(with_properties({.delivery_mode = std::uint8_t{2}})->persistent());
    CHECK_FALSE(with_properties({.delivery_mode = std::uint8_t{1}})->persistent());
    CHECK(with_properties({.priority = std::uint8_t{7}})->priority() == 7);
    CHECK(with_properties({.headers = FieldTable{}})->has_headers());
}

TEST_CASE("message: an expiration is digits up to ten years", "[protocol][message][C27]") {
    const std::vector<std::pair<std::string, std::int64_t>> rows{
        {"0", 0},
        {"60000", 60'000},
        {"007", 7},
        {"315360000000", 315'360'000'000},
        {"315360000001", Message::no_expiration},
        {"99999999999999999999999", Message::no_expiration},
        {"", Message::no_expiration},
        {"-1", Message::no_expiration},
        {"-0", Message::no_expiration},
        {"+1", Message::no_expiration},
        {" 1", Message::no_expiration},
        {"1 ", Message::no_expiration},
        {"1.5", Message::no_expiration},
        {"abc", Message::no_expiration},
    };
    for (const auto& [text, milliseconds] : rows) {
        CAPTURE(text);
        CHECK(with_properties({.expiration = text})->expiration_ms() == milliseconds);
    }
}

TEST_CASE("message: counted on any thread", "[protocol][message]") {
    const MessagePtr message = Message::make("e", "k", no_properties, "body");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([message] {
            for (int copy = 0; copy < 10'000; ++copy) {
                const MessagePtr another = message; // NOLINT(performance-unnecessary-copy-initialization)
            }
        });
    }
    std::ranges::for_each(threads, &std::thread::join);
    CHECK(message->body() == "body");
}

TEST_CASE("message: shares are references, each given once", "[protocol][message]") {
    MessagePtr first, second;
    {
        MessageShares shares(with_properties({}), 3);
        first = shares.take();
        second = shares.take();
    } // gives the third back
    first.reset();
    CHECK(second->body() == "body");
    { const MessageShares nobody(second, 0); }
    CHECK(second->body() == "body");
    CHECK(dies([&] {
        MessageShares one(second, 1);
        one.take();
        one.take();
    }));
}

TEST_CASE("message builder: a body in parts is the body in one", "[protocol][message]") {
    const std::size_t size = 1'000'000;
    std::string body(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        body[i] = static_cast<char>(i * 7 + i / 251);
    }
    for (const std::size_t part : {size, size_t{977}, size_t{4096}, size_t{128 * 1024 + 1}, size_t{999'999}}) {
        CAPTURE(part);
        MessageBuilder builder;
        REQUIRE(builder.begin("exchange", "key", no_properties, size).has_value());
        for (std::size_t at = 0; at < size; at += part) {
            CHECK(builder.remaining() == size - at);
            builder.append(std::string_view(body).substr(at, part));
        }
        const MessagePtr message = builder.finish();
        CHECK(message->exchange() == "exchange");
        CHECK(message->routing_key() == "key");
        CHECK((message->body() == body));
        CHECK_FALSE(builder.active());
    }
}

TEST_CASE("message builder: octets may be put where they belong", "[protocol][message]") {
    std::string body(300'000, '\0');
    for (std::size_t i = 0; i < body.size(); ++i) {
        body[i] = static_cast<char>(i * 7 + i / 251);
    }
    for (const std::size_t step : {std::size_t{1000}, std::size_t{20'000}, body.size()}) {
        MessageBuilder builder;
        REQUIRE(builder.begin("exchange", "key", no_properties, body.size()).has_value());
        builder.append(std::string_view(body).substr(0, 10));
        while (builder.remaining() != 0) {
            const std::size_t at = body.size() - builder.remaining();
            CHECK((builder.body() == std::string_view(body).substr(0, at)));
            const std::span<char> room = builder.room(16'384);
            CHECK(room.size() >= std::min<std::size_t>(16'384, builder.remaining()));
            CHECK(room.size() <= builder.remaining());
            builder.filled(body.copy(room.data(), std::min(step, room.size()), at));
        }
        CHECK(builder.room(1).empty());
        CHECK((builder.finish()->body() == body));
    }
    CHECK(dies([] {
        MessageBuilder builder;
        static_cast<void>(builder.begin("", "", no_properties, 1));
        builder.filled(2);
    }));
}

TEST_CASE("message builder: an announced size costs nothing", "[protocol][message]") {
    MessageBuilder builder;
    REQUIRE(builder.begin("", "", no_properties, 0xFFFFFFFFFFFFFFFF).has_value());
    builder.append(std::string(300'000, 'x'));
    CHECK(builder.remaining() == 0xFFFFFFFFFFFFFFFF - 300'000);
}

TEST_CASE("message builder: malformed properties are refused and leave it empty", "[protocol][message]") {
    MessageBuilder builder;
    CHECK(builder.begin("", "", octets("8000"), 0).error().code == ReplyCode::syntax_error);
    CHECK_FALSE(builder.active());
    CHECK(builder.begin("", "", no_properties, 0).has_value());
}

TEST_CASE("message builder: can be dropped, moved and used again", "[protocol][message]") {
    MessageBuilder builder;
    REQUIRE(builder.begin("", "", no_properties, 10).has_value());
    builder.append("12345");
    MessageBuilder other = std::move(builder);
    CHECK(other.remaining() == 5);
    other.append("67890");
    CHECK(other.finish()->body() == "1234567890");

    REQUIRE(other.begin("", "", no_properties, 10).has_value());
    other.reset();
    CHECK_FALSE(other.active());
    CHECK(other.remaining() == 0);

    REQUIRE(other.begin("", "", no_properties, 1).has_value());
    MessageBuilder third;
    REQUIRE(third.begin("", "", no_properties, 2).has_value());
    third = std::move(other);
    CHECK(third.remaining() == 1);
}

TEST_CASE("message builder: more body than announced is a programmer's mistake", "[protocol][message]") {
    CHECK(dies([] {
        MessageBuilder builder;
        static_cast<void>(builder.begin("", "", no_properties, 1));
        builder.append("12");
    }));
    CHECK(dies([] {
        MessageBuilder builder;
        static_cast<void>(builder.begin("", "", no_properties, 1));
        builder.finish();
    }));
}
