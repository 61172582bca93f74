#include "broker/core/connection_port.hpp"
#include "broker/core/consumer_set.hpp"
#include "tests/support/commands.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

class SilentPort final : public ConnectionPort {
 public:
    Waker* deliver(EventBatch) override { return nullptr; }
};

// Consumers on one channel, told apart by their tags.
struct Consumers {
    ConsumerPtr add(std::string tag, ConsumerFlags flags = {}) {
        ConsumerPtr consumer = make_consumer("q", std::move(tag), flags);
        consumer->strand.channel = &channel;
        set.add(consumer);
        return consumer;
    }
    // The tags of the next ones; "-" when there is none.
    std::string next(int count) {
        std::string tags;
        for (int i = 0; i < count; ++i) {
            Consumer* consumer = set.next();
            tags += consumer == nullptr ? "-" : consumer->options().tag;
        }
        return tags;
    }

    SilentPort port;
    ChannelPort channel{port, 1};
    ConsumerSet set;
};

} // namespace

TEST_CASE("consumer set: nobody's turn without consumers", "[core]") {
    Consumers consumers;
    CHECK(consumers.set.empty());
    CHECK(consumers.next(2) == "--");
}

TEST_CASE("consumer set: equals take turns", "[core][C26]") {
    Consumers consumers;
    consumers.add("a");
    consumers.add("b");
    consumers.add("c");
    CHECK(consumers.next(7) == "abcabca");
}

TEST_CASE("consumer set: a higher priority takes all that it can", "[core][C26]") {
    Consumers consumers;
    const ConsumerPtr low = consumers.add("l", {.priority = -1});
    consumers.add("z");
    const ConsumerPtr high = consumers.add("h", {.priority = 5, .prefetch = 1});
    CHECK(consumers.next(2) == "hh");
    high->strand.unacked = 1;
    CHECK(consumers.next(2) == "zz");
    CHECK(high->strand.blocked);
    high->strand.unacked = 0;
    CHECK(consumers.next(1) == "z"); // nobody has said so yet
    consumers.set.unblock(*high);
    CHECK(consumers.next(2) == "hh");
}

TEST_CASE("consumer set: who is unblocked waits for the others' turns", "[core][C26]") {
    Consumers consumers;
    const ConsumerPtr a = consumers.add("a", {.prefetch = 1});
    consumers.add("b");
    consumers.add("c");
    a->strand.unacked = 1;
    CHECK(consumers.next(3) == "bcb");
    a->strand.unacked = 0;
    consumers.set.unblock(*a);
    CHECK(consumers.next(4) == "cbac");
}

TEST_CASE("consumer set: prefetch does not bind who needs not acknowledge", "[core][C18]") {
    Consumers consumers;
    const ConsumerPtr consumer = consumers.add("a", {.no_ack = true, .prefetch = 1});
    consumer->strand.unacked = 9;
    consumers.channel.global_prefetch = 1;
    consumers.channel.global_unacked = 9;
    CHECK(consumers.next(1) == "a");
}

TEST_CASE("consumer set: the channel's prefetch binds all its consumers", "[core][C18]") {
    Consumers consumers;
    consumers.add("a");
    consumers.add("b");
    consumers.channel.global_prefetch = 2;
    consumers.channel.global_unacked = 1;
    CHECK(consumers.next(1) == "a");
    consumers.channel.global_unacked = 2;
    CHECK(consumers.next(1) == "-");
}

TEST_CASE("consumer set: a stopped channel and a connection that does not read get nothing", "[core]") {
    Consumers consumers;
    const ConsumerPtr consumer = consumers.add("a");
    consumers.port.count_sent(ConnectionPort::max_unwritten_bytes + 1);
    CHECK_FALSE(ConsumerSet::has_room(*consumer));
    CHECK(consumers.port.count_written(1)); // it waits for that
    CHECK(ConsumerSet::has_room(*consumer));
    consumers.channel.stopped = true;
    CHECK_FALSE(ConsumerSet::has_room(*consumer));
}

TEST_CASE("consumer set: who leaves is forgotten, blocked or not", "[core]") {
    Consumers consumers;
    const ConsumerPtr a = consumers.add("a", {.prefetch = 1});
    const ConsumerPtr b = consumers.add("b");
    a->strand.unacked = 1;
    CHECK(consumers.next(2) == "bb");
    consumers.set.remove(*a);
    CHECK_FALSE(a->strand.registered);
    CHECK_FALSE(a->strand.blocked); // its place is gone: nobody may unblock it later
    consumers.set.remove(*b);
    CHECK(consumers.set.size() == 0);
    CHECK(consumers.next(1) == "-");
}

TEST_CASE("consumer set: one active consumer at a time", "[core]") {
    Consumers consumers;
    consumers.set.set_single_active(true);
    const ConsumerPtr a = consumers.add("a", {.prefetch = 1});
    const ConsumerPtr b = consumers.add("b");
    const ConsumerPtr c = consumers.add("c", {.priority = 1});
    CHECK(consumers.next(2) == "aa");
    a->strand.unacked = 1;
    CHECK(consumers.next(1) == "-"); // the others do not step in
    consumers.set.remove(*b);
    CHECK(consumers.set.active() == a.get());
    consumers.add("d");
    consumers.set.remove(*a);
    CHECK(consumers.next(2) == "cc"); // the highest priority takes over, not the oldest
    consumers.set.remove(*c);
    CHECK(consumers.next(1) == "d");
}
