// Direct reply-to: replies go to a channel without a queue.
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

const std::string address = std::string(reply_queue) + ".channel.key";

Command consume_replies(std::string tag = "r", std::string to = address) {
    const ConsumerPtr consumer = make_consumer(std::string(reply_queue), std::move(tag), {.no_ack = true});
    return on_channel(1, Consume{consumer, std::move(to)});
}

// A requester who waits for replies on his channel 1, and a responder on another connection.
struct Fixture {
    Fixture() {
        requester.open();
        responder.open();
        requester.ask(consume_replies());
    }
    World world;
    RecordingPort requester{world.host, "requester"};
    RecordingPort responder{world.host, "responder"};
};

} // namespace

TEST_CASE("direct reply-to: a reply reaches the requester and is confirmed at once", "[core][D3][D5][K6]") {
    World world(World::Completions::manual); // a disk that never answers
    RecordingPort requester{world.host}, responder{world.host};
    requester.open();
    responder.open();
    CHECK(requester.ask(consume_replies()) == Lines{"consume-ok r"});
    CHECK(responder.ask(put(address, "1", {.confirm = 1, .mandatory = true, .persistent = true}),
                        put(address, "2", {.confirm = 2})) == Lines{"confirmed 1-2"});
    CHECK(requester.take() == Lines{"deliver r '1'", "deliver r '2'"});
    CHECK(requester.unacked().empty());
    CHECK(world.host.queues().empty());
}

TEST_CASE("direct reply-to: a reply to a requester who has gone is dropped, and counts as routed", "[core][D3][K6]") {
    Fixture test;
    SECTION("his channel has closed") { test.requester.close_channel(); }
    SECTION("his connection has closed") { test.requester.close(); }
    SECTION("his channel has failed") { test.requester.ask(declare_queue_passive("none")); }
    SECTION("he has cancelled") {
        const ConsumerPtr consumer = make_consumer(std::string(reply_queue), "r2", {.no_ack = true});
        RecordingPort other(test.world.host);
        other.open();
        other.ask(on_channel(1, Consume{consumer, address + "2"}));
        CHECK(other.ask(Cancel{consumer}, put(address + "2", "x")) == Lines{"cancel-ok r2"});
        test.requester.close_channel();
        other.close();
    }
    test.requester.take();
    CHECK(test.responder.ask(put(address, "late", {.confirm = 1, .mandatory = true})) == Lines{"confirmed 1"});
    CHECK(test.requester.take().empty());
}

TEST_CASE("direct reply-to: declaring an address tells whether the requester is there", "[core][D4]") {
    Fixture test;
    CHECK(test.responder.ask(declare_queue_passive(address)) == Lines{"declared " + address + " 0/1"});
    CHECK(test.responder.ask(declare_queue(address)) == Lines{"declared " + address + " 0/1"});
    CHECK(test.responder.ask(declare_queue(std::string(reply_queue))) ==
          Lines{"declared amq.rabbitmq.reply-to 0/1"});
    test.requester.close();
    CHECK(test.responder.ask(declare_queue(address)) ==
          Lines{"failed 404 NOT_FOUND - no queue '" + address + "' in vhost '/'"});
    CHECK(test.world.host.queues().empty());
}

TEST_CASE("direct reply-to: there is no queue to bind, get from or purge", "[core][D5]") {
    const Lines refused{"failed 403 ACCESS_REFUSED - cannot bind or unbind to a volatile (direct reply-to) queue"};
    Fixture test;
    SECTION("bind") { CHECK(test.responder.ask(bind_queue(address, "amq.direct")) == refused); }
    SECTION("unbind") { CHECK(test.responder.ask(unbind_queue(std::string(reply_queue), "amq.direct")) == refused); }
    const Lines missing{"failed 404 NOT_FOUND - no queue '" + address + "' in vhost '/'"};
    SECTION("get") { CHECK(test.responder.ask(get(address)) == missing); }
    SECTION("purge") { CHECK(test.responder.ask(PurgeQueue{address}) == missing); }
}

TEST_CASE("direct reply-to: a cancelled one makes place for another with a new address", "[core][D6]") {
    World world;
    RecordingPort port{world.host};
    port.open();
    const ConsumerPtr first = make_consumer(std::string(reply_queue), "a", {.no_ack = true});
    port.ask(on_channel(1, Consume{first, address + "1"}));
    CHECK(port.ask(Cancel{first}, consume_replies("b", address + "2")) == Lines{"cancel-ok a", "consume-ok b"});
    CHECK(port.ask(put(address + "1", "to a"), put(address + "2", "to b")) == Lines{"deliver b 'to b'"});
}

TEST_CASE("direct reply-to: one reply for one publish, whatever the number of its keys", "[core][D3][D5]") {
    Fixture test;
    test.responder.ask(declare_queue("q"));
    test.responder.ask(put(address, "1", {.extra_keys = {address, "q"}}));
    test.responder.ask(put("q", "2", {.extra_keys = {address}}));
    CHECK(test.requester.take() == Lines{"deliver r '1'", "deliver r '2'"});
    CHECK(test.world.ready("q") == 2);
}

TEST_CASE("direct reply-to: dead letters are replies, too", "[core][D3]") {
    Fixture test;
    test.responder.ask(declare_queue(
        "q", {.arguments = {{"x-dead-letter-exchange", ""}, {"x-dead-letter-routing-key", address}}}));
    test.responder.ask(put("q", "1"), consume("q", "c"));
    test.responder.reject("1");
    CHECK(test.requester.take() == Lines{"deliver r '1'"});
}

TEST_CASE("direct reply-to: a requester who does not read gets no more than memory allows", "[core][D5]") {
    Fixture test;
    test.requester.reads = false;
    const std::string megabyte(1 << 20, 'x');
    constexpr std::size_t sent = 40;
    for (std::size_t i = 0; i < sent; ++i) {
        test.responder.ask(put(address, megabyte));
    }
    const std::size_t got = test.requester.take().size();
    CHECK(got >= ReplyConsumer::max_unwritten_bytes >> 20);
    CHECK(got <= (ReplyConsumer::max_unwritten_bytes >> 20) + 1);
}
