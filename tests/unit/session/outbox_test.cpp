#include "broker/session/outbox.hpp"
#include "tests/support/amqp_frames.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <random>

using broker::Outbox;

namespace {

amqp::MessagePtr message(std::size_t size, char fill) {
    return amqp::Message::make("e", "k", amqp::BasicProperties{}.encode(), std::string(size, fill));
}

// Takes up to `limit` octets out through at most `pieces` pieces.
std::string take(Outbox& outbox, std::size_t limit, std::size_t pieces) {
    std::vector<iovec> gathered(pieces);
    gathered.resize(outbox.fill(gathered));
    std::string bytes;
    for (const iovec& piece : gathered) {
        bytes.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
    }
    bytes.resize(std::min(bytes.size(), limit));
    outbox.consume(bytes.size());
    return bytes;
}

} // namespace

TEST_CASE("outbox: a large body is referred to, a small one copied", "[session][outbox]") {
    Outbox outbox;
    std::array<iovec, 8> pieces;
    const amqp::MessagePtr small = message(Outbox::reference_threshold - 1, 's');
    outbox.write_content(1, small, 131'072);
    CHECK(outbox.fill(pieces) == 1);

    const amqp::MessagePtr large = message(Outbox::reference_threshold, 'l');
    outbox.write_content(1, large, 131'072);
    REQUIRE(outbox.fill(pieces) == 3); // frames, body, end octet
    CHECK(pieces[1].iov_base == large->body().data());
    CHECK(pieces[1].iov_len == large->body_size());
}

TEST_CASE("outbox: a method goes with its content, copied or referred to", "[session][outbox][F6]") {
    for (const std::size_t size : {Outbox::reference_threshold - 1, Outbox::reference_threshold}) {
        const amqp::MessagePtr content = message(size, 'x');
        const amqp::basic::Deliver method{{"tag"}, 7, true, {"e"}, {"k"}};
        Outbox outbox;
        outbox.write(7, method, content, 131'072);
        std::string expected;
        amqp::write_method(expected, 7, method);
        amqp::write_content(expected, 7, *content, 131'072);
        CHECK((take(outbox, 1'000'000, 64) == expected));
    }
}

TEST_CASE("outbox: a gathered body looks like a copied one on the wire", "[session][outbox][F6]") {
    for (const std::size_t size : {4096u, 8184u, 8185u, 100'000u}) {
        const amqp::MessagePtr body = message(size, 'x');
        Outbox outbox;
        outbox.write_content(7, body, 8192);
        std::string expected;
        amqp::write_content(expected, 7, *body, 8192);
        CHECK(outbox.bytes() == expected.size());
        std::string actual;
        while (!outbox.empty()) {
            actual += take(outbox, 1'000'000, 64);
        }
        CHECK((actual == expected));
    }
}

TEST_CASE("outbox: without a frame limit a body is one frame", "[session][outbox][F6]") {
    Outbox outbox;
    outbox.write_content(1, message(300'000, 'x'), 0);
    CHECK(test::frame_lines(take(outbox, 1'000'000, 8)).size() == 2);
}

TEST_CASE("outbox: a message is kept until its last octet is written", "[session][outbox]") {
    Outbox outbox;
    amqp::MessagePtr body = message(10'000, 'x');
    outbox.write_content(1, body, 131'072);
    const std::string expected(10'000, 'x');
    body.reset();
    std::string written;
    while (outbox.bytes() > 2) {
        written += take(outbox, 999, 3);
    }
    CHECK(written.find(expected) != std::string::npos);
}

TEST_CASE("outbox: random partial writes give the plain byte string", "[session][outbox]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto up_to = [&](std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit)(random); };

    Outbox outbox;
    std::string expected, actual;
    for (int round = 0; round < 3000; ++round) {
        for (std::size_t writes = up_to(3); writes > 0; --writes) {
            if (up_to(1) == 0) {
                const std::string frame = test::heartbeat_frame();
                outbox.buffer() += frame;
                expected += frame;
            } else {
                const auto body =
                    message(up_to(1) == 0 ? up_to(200) : up_to(20'000), static_cast<char>('a' + up_to(25)));
                outbox.write_content(3, body, 4096);
                amqp::write_content(expected, 3, *body, 4096);
            }
        }
        actual += take(outbox, up_to(30'000), 1 + up_to(10));
        REQUIRE(outbox.bytes() == expected.size() - actual.size());
        REQUIRE(outbox.written() == actual.size());
        if (up_to(100) == 0) {
            outbox.release_memory(); // does nothing while there is something
        }
    }
    while (!outbox.empty()) {
        actual += take(outbox, 30'000, 10);
    }
    CHECK((actual == expected));
}

TEST_CASE("outbox: what is written is not kept for ever, however slow the reader", "[session][outbox]") {
    Outbox outbox;
    outbox.buffer() += std::string(1000, 'x'); // never quite empty
    for (int i = 0; i < 10'000; ++i) {
        outbox.buffer() += std::string(1000, 'x');
        outbox.consume(1000);
    }
    CHECK(outbox.bytes() == 1000);
    CHECK(outbox.buffer().size() < 200'000);
}
