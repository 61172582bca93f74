// Queue: a backlog larger than max_resident_bytes is in the store only, and comes back page by page in order.
#include "paging_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

constexpr std::size_t body_octets = 64 << 10;
constexpr int resident = static_cast<int>(Queue::max_resident_bytes / body_octets);

struct Fixture : PagingWorld {
    Fixture() : PagingWorld(body_octets, true) {}
    int ready() { return static_cast<int>(queue().ready()); }
    void publish(int first, int last, bool persistent = true) { PagingWorld::publish(first, last, persistent); }
};

} // namespace

TEST_CASE("paging: a large backlog is not in memory, and comes back in order", "[core][paging][C25]") {
    Fixture test;
    const int last = 3 * resident;
    test.publish(1, last);
    CHECK(test.ready() == last);
    CHECK(test.queue().ready_bytes() == last * body_octets);
    CHECK(test.queue().resident() <= resident + 1);
    CHECK(test.port.ask(declare_queue_passive("q")) == Lines{"declared q " + std::to_string(last) + "/0"});
    SECTION("to gets") {
        test.expect(1, last);
        CHECK(test.get_one() == -1);
    }
    SECTION("to a consumer") {
        test.port.send(consume("q", "c", {.prefetch = 3}));
        for (int number = 1; number <= last; ++number) {
            test.port.take();
            REQUIRE_FALSE(test.port.ledger().empty());
            REQUIRE(test.port.unacked().front() == test.body(number));
            REQUIRE(test.queue().footprint() < Queue::max_resident_bytes + 2 * Queue::page_bytes);
            test.port.ack(test.body(number));
        }
    }
    CHECK(test.ready() == 0);
    CHECK(test.queue().ready_bytes() == 0);
    CHECK(test.world.stored("q").empty());
}

TEST_CASE("paging: transient messages in between keep their places", "[core][paging][C25]") {
    Fixture test;
    const int last = 2 * resident;
    for (int number = 1; number <= last; ++number) {
        test.publish(number, number, number % 3 != 0);
    }
    test.expect(1, resident / 2);
    test.publish(last + 1, last + 1, false);
    test.publish(last + 2, last + 40);
    test.expect(resident / 2 + 1, last + 40);
    CHECK(test.get_one() == -1);
}

TEST_CASE("paging: requeued messages come before what is on disk", "[core][paging][C23]") {
    Fixture test;
    test.port.ask(SetGlobalPrefetch{0});
    test.publish(1, 2 * resident);
    test.port.ask(get("q"), get("q"));
    test.expect(3, resident + 30);
    test.port.requeue(test.body(2));
    test.port.requeue(test.body(1));
    test.expect(1, 2);
    test.expect(resident + 31, 2 * resident);
}

TEST_CASE("paging: publishing goes on while a page is read", "[core][paging]") {
    Fixture test;
    int last = 2 * resident;
    test.publish(1, last);
    test.world.store.set_completions(World::Completions::manual);
    int next = 1;
    while (next <= last + 400) {
        // One message is taken out, and two are put in, before each step of the store.
        const Lines lines = test.port.ask(get("q", {.no_ack = true}));
        if (last < 4 * resident) {
            test.publish(last + 1, last + 2);
            last += 2;
        }
        Lines all = lines;
        while (all.empty() && test.world.store.run_completions(1) > 0) {
            all = test.port.take();
        }
        REQUIRE(all.size() == 1);
        if (all.front() == "get-empty") {
            break;
        }
        REQUIRE(std::stoi(all.front().substr(8)) == next);
        ++next;
        REQUIRE(test.ready() == last - next + 1);
        REQUIRE(test.queue().ready_bytes() == static_cast<std::size_t>(last - next + 1) * body_octets);
    }
    CHECK(next == last + 1);
    CHECK(test.ready() == 0);
}

TEST_CASE("paging: what is published in the hold that asks for a page is counted once", "[core][paging]") {
    Fixture test;
    const int last = resident + 8; // less than a page on disk
    test.publish(1, last);
    test.expect(1, static_cast<int>(test.queue().resident()));
    const int left = test.ready();
    REQUIRE(left > 0);
    // The get asks for the page; the publish comes before it is read, and is in it.
    test.port.send(get("q", {.no_ack = true}), put("q", test.body(last + 1), {.persistent = true}));
    CHECK(test.ready() == left);
    CHECK(test.queue().ready_bytes() == static_cast<std::size_t>(left) * body_octets);
}

TEST_CASE("paging: gets wait for their page in order, and nothing overtakes them", "[core][paging][C19]") {
    Fixture test;
    test.publish(1, resident + 8);
    const int in_memory = static_cast<int>(test.queue().resident());
    test.expect(1, in_memory);
    test.world.store.set_completions(World::Completions::manual);
    CHECK(test.port.ask(get("q"), Echo{{1, 1}}, get("q"), on_channel(2, OpenChannel{})).empty());
    SECTION("served") {
        test.world.store.run_completions();
        const Lines lines = test.port.take();
        REQUIRE(lines.size() == 4);
        CHECK(std::stoi(lines[0].substr(8)) == in_memory + 1);
        CHECK(lines[1] == "done 1.1");
        CHECK(std::stoi(lines[2].substr(8)) == in_memory + 2);
        CHECK(lines[3] == "2: done 20.11");
    }
    SECTION("purged") {
        RecordingPort other(test.world.host);
        other.open();
        CHECK(other.ask(PurgeQueue{"q"}) == Lines{"purged " + std::to_string(resident + 8 - in_memory)});
        test.world.store.run_completions();
        CHECK(test.port.take() == Lines{"get-empty", "done 1.1", "get-empty", "2: done 20.11"});
    }
    SECTION("deleted") {
        RecordingPort other(test.world.host);
        other.open();
        other.ask(DeleteQueue{"q", false, false});
        CHECK(test.port.take() == Lines{"get-empty", "done 1.1", "get-empty", "2: done 20.11"});
        test.world.store.run_completions();
    }
    SECTION("the channel closes") {
        test.port.send(StopChannel{});
        CHECK(test.port.take().empty());
        test.world.store.run_completions();
        CHECK(test.port.take().back() == "channel-stopped"); // only now the session finishes it
        CHECK(test.port.unacked().size() == 2);
        test.port.close();
        CHECK(test.ready() == resident + 8 - in_memory);
    }
}

TEST_CASE("paging: a purge forgets the page that is being read", "[core][paging][C11]") {
    Fixture test;
    const int on_disk = GENERATE(8, resident); // within the page that is being read, or beyond it
    test.publish(1, resident + on_disk);
    const int in_memory = static_cast<int>(test.queue().resident());
    test.expect(1, in_memory);
    test.world.store.set_completions(World::Completions::manual);
    CHECK(test.port.ask(get("q", {.no_ack = true})).empty()); // has it read
    test.publish(5'001, 5'005);
    RecordingPort other(test.world.host);
    other.open();
    CHECK(other.ask(PurgeQueue{"q"}) == Lines{"purged " + std::to_string(resident + on_disk + 5 - in_memory)});
    CHECK(test.ready() == 0);
    int next = 10'001;
    SECTION("with nothing new") {}
    SECTION("with a new backlog on disk") {
        test.publish(next, next + 2 * resident);
        next += 2 * resident + 1;
    }
    test.world.store.run_completions();
    const Lines lines = test.port.take(); // the get that waited
    REQUIRE(lines.size() == 1);
    CHECK(lines.front().substr(0, 13) == (next == 10'001 ? "get-empty" : "get-ok '10001"));
    test.world.store.set_completions(World::Completions::immediate);
    CHECK(test.ready() == std::max(0, next - 10'001 - 1));
    test.expect(10'002, next - 1);
    CHECK(test.get_one() == -1);
    CHECK(test.queue().ready_bytes() == 0);
    CHECK(test.world.stored("q").empty());
}

TEST_CASE("paging: a page that cannot be read costs its messages, not those behind it", "[core][paging]") {
    struct Host final : QueueHost, Strand::Owner, Commits::Observer {
        Commits& commits() override { return commits_; }
        const Clock& clock() const override { return clock_; }
        void request_page(Queue&) override { ++pages_requested; }
        void note_delivered(Queue&) override {}
        std::uint64_t hold() const override { return 0; }
        bool memory_is_short() const override { return false; }
        void resume_publishers(Queue&) override {}
        Timers& timers() override { return timers_; }
        void dead_letter(Queue&, ReadyMessage, DeathReason) override {}
        void delete_unused(Queue&) override {}
        void free_soon(ReadyList) override {}
        void trace_delivery(const Queue&, const ChannelPort&, const amqp::Message&, bool) override {}
        void leave(std::vector<Waker*>&) override {}
        void on_durable(std::uint64_t) override {}
        void on_store_failed(storage::Outcome) override {}
        storage::MemoryStore store;
        FakeClock clock_;
        Timers timers_;
        Strand strand{*this, {}};
        Commits commits_{store, 1, strand, *this};
        int pages_requested = 0;
    } host;
    Queue::Definition definition;
    definition.durable = true;
    const auto queue = std::make_shared<Queue>(std::move(definition), host);
    queue->recover({.queue = 0, .head = 1, .last = 100, .messages = 100, .body_bytes = 100});
    const ConsumerPtr consumer = make_consumer("q", "", {.no_ack = true});
    Queue::Got got;
    CHECK(queue->get(consumer, got) == Queue::Get::wait);
    queue->publish(make_message("", "q", "101", {.persistent = true}));
    CHECK(queue->ready() == 101);
    storage::Store::Page damaged;
    damaged.ok = false;
    queue->on_page(std::move(damaged));
    CHECK(queue->ready() == 1);
    CHECK(queue->ready_bytes() == 3);
    CHECK(queue->page_start() == 101);
    CHECK(host.pages_requested == 2);
}

TEST_CASE("paging: priorities are kept after a restart", "[core][paging]") {
    const auto disk = std::make_shared<storage::MemoryDisk>();
    {
        World world(World::Completions::immediate, disk);
        RecordingPort port(world.host);
        port.open();
        port.ask(declare_queue("p", {.durable = true, .arguments = {{"x-max-priority", 9}}}));
        for (int number = 0; number < 3000; ++number) {
            port.send(put("p", std::to_string(number),
                          {.persistent = true, .priority = static_cast<std::uint8_t>(number % 3)}));
        }
        world.store.close();
    }
    World world(World::Completions::immediate, disk);
    RecordingPort port(world.host);
    port.open();
    CHECK(world.ready("p") == 3000);
    CHECK(port.ask(get("p"), get("p")) == Lines{"get-ok '2' left 2999", "get-ok '5' left 2998"});
    port.send(put("p", "new", {.persistent = true, .priority = 9}));
    CHECK(port.ask(get("p")) == Lines{"get-ok 'new' left 2998"});
    CHECK(world.ready("p") == 2998);
}
