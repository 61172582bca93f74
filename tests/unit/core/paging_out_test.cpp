// Queue: while the node's memory is short, little stays in memory and transient messages go to the store as well.
#include "paging_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

constexpr std::size_t body_octets = 8 << 10;
constexpr int few = static_cast<int>(Queue::max_resident_bytes_when_short / body_octets);
constexpr int many = 20 * few;

struct Fixture : PagingWorld {
    explicit Fixture(bool durable = false,
                     std::shared_ptr<storage::MemoryDisk> disk = std::make_shared<storage::MemoryDisk>())
        : PagingWorld(body_octets, durable, std::move(disk)) {
        world.memory_is_short = true;
    }
    void publish(int first, int last, bool persistent = false) { PagingWorld::publish(first, last, persistent); }
};

} // namespace

TEST_CASE("paging out: a transient backlog goes to the store while memory is short", "[core][paging]") {
    Fixture test(GENERATE(false, true));
    test.publish(1, many);
    CHECK(test.queue().ready() == many);
    CHECK(test.queue().footprint() < 2 * Queue::max_resident_bytes_when_short);
    CHECK(test.world.stored("q").size() >= many - few);
    SECTION("and comes back in order to gets") {
        test.expect(1, many);
        CHECK(test.get_one() == -1);
    }
    SECTION("and to a consumer who acknowledges") {
        test.port.send(consume("q", "c", {.prefetch = 3}));
        for (int number = 1; number <= many; ++number) {
            test.port.take();
            REQUIRE_FALSE(test.port.unacked().empty());
            REQUIRE(test.port.unacked().front() == test.body(number));
            test.port.ack(test.body(number));
        }
    }
    SECTION("and goes with a purge") {
        CHECK(test.port.ask(PurgeQueue{"q"}) == Lines{"purged " + std::to_string(many)});
    }
    CHECK(test.queue().ready() == 0);
    CHECK(test.queue().ready_bytes() == 0);
    CHECK(test.world.stored("q").empty());
}

TEST_CASE("paging out: nothing of it is left of a deleted queue", "[core][paging]") {
    Fixture test(GENERATE(false, true));
    test.publish(1, many);
    const storage::QueueId id = test.queue().definition().id;
    test.port.ask(DeleteQueue{"q", false, false});
    CHECK(test.world.store.messages(id).empty());
}

TEST_CASE("paging out: order is kept while memory is short now and then, among persistent messages", "[core][paging]") {
    Fixture test(true);
    int next = 1;
    int last = 0;
    for (const bool is_short : {false, true, false, true, true, false}) {
        test.world.memory_is_short = is_short;
        for (int i = 0; i < 2 * few; ++i) {
            ++last;
            test.publish(last, last, last % 3 == 0);
        }
        test.expect(next, next + few);
        next += few + 1;
    }
    test.expect(next, last);
    CHECK(test.get_one() == -1);
    CHECK(test.world.stored("q").empty());
}

TEST_CASE("paging out: what came back to the queue is delivered first", "[core][paging][C23]") {
    Fixture test;
    test.publish(1, many);
    test.port.ask(SetGlobalPrefetch{0});
    test.port.ask(get("q"), get("q"));
    test.expect(3, 2 * few);
    test.port.requeue(test.body(2));
    test.port.requeue(test.body(1));
    test.expect(1, 2);
    test.expect(2 * few + 1, many);
    CHECK(test.world.stored("q").empty());
}

TEST_CASE("paging out: queues with priorities keep transient messages in memory", "[core][paging]") {
    Fixture test;
    test.port.ask(declare_queue("p", {.arguments = {{"x-max-priority", 9}}}));
    for (int number = 0; number < many; ++number) {
        test.port.send(put("p", test.body(number)));
    }
    CHECK(test.world.stored("p").empty());
    CHECK(test.world.ready("p") == many);
}

TEST_CASE("paging out: transient messages do not survive a restart", "[core][paging]") {
    const auto disk = std::make_shared<storage::MemoryDisk>();
    storage::QueueId passing = 0;
    {
        Fixture test(true, disk);
        test.publish(1, 2 * few);
        test.publish(2 * few + 1, 3 * few, true);
        test.publish(3 * few + 1, 4 * few);
        test.port.ask(declare_queue("t", {}));
        for (int number = 0; number < many; ++number) {
            test.port.send(put("t", test.body(number)));
        }
        passing = test.world.host.find_queue("t")->definition().id;
        CHECK_FALSE(test.world.store.messages(passing).empty());
        test.world.store.close();
    }
    Fixture test(true, disk);
    CHECK(test.world.store.messages(passing).empty());
    test.publish(4 * few + 1, 5 * few);
    test.expect(2 * few + 1, 3 * few);
    test.expect(4 * few + 1, 5 * few);
    CHECK(test.get_one() == -1);
    CHECK(test.queue().ready() == 0);
    CHECK(test.world.stored("q").empty());
}
