// Sessions as a whole: pipelining, batches, and that it does not matter how octets are cut.
#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;
using namespace amqp;

namespace {

// A client that does a little of everything, without waiting for anything.
std::string whole_life() {
    std::string out(protocol_header);
    out += TestSession::start_ok();
    out += test::frame(0, connection::TuneOk{10, 4096, 60});
    out += test::frame(0, connection::Open{.virtual_host = {"/"}});
    out += test::frame(1, channel::Open{});
    out += test::frame(1, confirm::Select{});
    out += test::frame(1, exchange::Declare{.exchange = {"e"}, .type = {"topic"}});
    out += test::frame(1, queue::Declare{.queue = {"q"}, .durable = true});
    out += test::frame(1, queue::Bind{.queue = {"q"}, .exchange = {"e"}, .routing_key = {"#"}});
    out += test::heartbeat_frame();
    out += test::publish_frames(1, "e", "k", "hello");
    out += test::frame(2, channel::Open{});
    out += test::frame(3, channel::Open{}); // whose get must not be waited for by others
    out += test::frame(2, basic::Qos{.prefetch_count = 3});
    out += test::frame(2, basic::Consume{.queue = {"q"}, .consumer_tag = {"c"}});
    out += test::frame(1, basic::Publish{.exchange = {"e"}, .routing_key = {"k"}});
    out += test::header_frame(1, {}, 6000);
    out += test::body_frame(1, std::string(4088, 'a'));
    out += test::frame(3, basic::Get{.queue = {"q"}});
    out += test::body_frame(1, std::string(6000 - 4088, 'b'));
    out += test::frame(2, basic::Ack{.delivery_tag = 99});
    out += test::frame(2, channel::Close{});
    out += test::frame(1, channel::Close{});
    out += test::frame(0, connection::Close{});
    return out;
}

Lines commands_when_cut(std::string_view bytes, std::size_t piece) {
    TestSession test;
    test.transport.on_authenticate = [&] { test.session.on_authenticated(test.accepted()); };
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        test.feed(bytes.substr(0, piece));
    }
    CHECK(test.unread() == 0);
    Lines lines = test.commands();
    const Lines sent = test.sent();
    lines.insert(lines.end(), sent.begin(), sent.end());
    return lines;
}

} // namespace

TEST_CASE("session: it does not matter how octets are cut", "[session][pipelining]") {
    const std::string bytes = whole_life();
    const Lines whole = commands_when_cut(bytes, bytes.size());
    REQUIRE(whole.size() == 18);
    CHECK(whole[5] == "1 publish{e/k hello #1}");
    CHECK_THAT(whole[11], Catch::StartsWith("1 publish{e/k aaaa"));
    for (const std::size_t piece : {1, 2, 3, 7, 8, 9, 64, 1000, 4096}) {
        CAPTURE(piece);
        CHECK(commands_when_cut(bytes, piece) == whole);
    }
}

TEST_CASE("session: the commands of one read are one batch", "[session][pipelining][F12]") {
    TestSession test;
    test.open().open_channel();
    const std::size_t before = test.transport.batches;
    std::string bytes;
    for (int i = 0; i < 50; ++i) {
        bytes += test::publish_frames(1, "", "q", "x");
    }
    test.feed(bytes);
    CHECK(test.transport.commands.size() == 50);
    CHECK(test.transport.batches == before + 1);
    test.feed(test::heartbeat_frame());
    CHECK(test.transport.batches == before + 1); // nothing to say, nothing said
}

TEST_CASE("session: the commands of several reads are one batch if they are submitted together",
          "[session][pipelining][F12]") {
    TestSession test;
    test.open().open_channel();
    const std::size_t before = test.transport.batches;
    for (int read = 0; read < 3; ++read) {
        test.session.on_bytes(test::publish_frames(1, "", "q", "x"), test.now);
        CHECK(test.transport.batches == before);
    }
    test.session.submit();
    CHECK(test.commands() == Lines(3, "1 publish{/q x}"));
    CHECK(test.transport.batches == before + 1);
}

TEST_CASE("session: answers of one channel come in the order of the requests", "[session][pipelining][F12]") {
    TestSession test;
    test.open().open_channel();
    test.feed(test::frame(1, queue::Declare{.queue = {"q"}}) + test::frame(1, confirm::Select{}) +
              test::frame(1, channel::Flow{true}) + test::frame(1, basic::Qos{.prefetch_count = 1}));
    CHECK(test.sent().empty()); // none is answered before its turn
    CHECK(test.commands() ==
          Lines{"1 50,10 DeclareQueue{q}", "1 85,10 Echo{85,11}", "1 20,20 Echo{20,21}", "1 60,10 Echo{60,11}"});
}

TEST_CASE("session: no_wait suppresses the answer and nothing else", "[session][C36]") {
    TestSession test;
    test.open().open_channel();
    test.send(1, exchange::Declare{.exchange = {""}, .no_wait = true});
    CHECK(test.commands() ==
          Lines{"1 40,10 FailChannel{ACCESS_REFUSED - operation not permitted on the default exchange}"});
}

TEST_CASE("session: asks for deliveries again when its outbox has drained", "[session]") {
    TestSession test;
    test.open();
    test.session.resume_deliveries();
    CHECK(test.commands() == Lines{"0 ResumeDeliveries"});
    test.session.on_disconnected();
    test.commands();
    test.session.resume_deliveries();
    CHECK(test.commands().empty());
}

TEST_CASE("session: a large delivery is written from the message itself", "[session][outbox]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c");
    broker::Deliver delivery = TestSession::delivery(consumer, 1, std::string(50'000, 'x'));
    const char* const body = delivery.message->body().data();
    test.events(std::move(delivery));
    std::array<iovec, 4> pieces;
    REQUIRE(test.session.outbox().fill(pieces) == 3);
    CHECK(pieces[1].iov_base == body);
    CHECK(pieces[1].iov_len == 50'000);
}

TEST_CASE("session: nothing is kept for messages that need no acknowledgement", "[session][ledger]") {
    TestSession test;
    test.open().open_channel();
    const auto consumer = test.consume(1, "q", "c", true);
    broker::Deliver delivery = TestSession::delivery(consumer, 1, "x");
    const MessagePtr message = delivery.message;
    test.events(std::move(delivery));
    test.sent_bytes();
    CHECK(consumer->session.outstanding == 0);
    CHECK(test.session.snapshot().channels.at(0).messages_unacknowledged == 0);
}
