#include "broker/core/commits.hpp"
#include "storage/memory_store.hpp"
#include "tests/support/commands.hpp"

#include <catch2/catch.hpp>

using namespace broker;
using storage::MemoryStore;
using storage::Outcome;

namespace {

constexpr storage::QueueId queue = 7;

struct Fixture final : Strand::Owner, Commits::Observer {
    explicit Fixture(Strand::Post post = {}) : strand(*this, std::move(post)), commits(store, 1, strand, *this) {}

    void leave(std::vector<Waker*>&) override {}
    void on_durable(std::uint64_t up_to) override { durable.push_back(up_to); }
    void on_store_failed(Outcome outcome) override { failures.push_back(outcome); }

    std::uint64_t write(storage::Sequence sequence, bool promised = true) {
        commits.batch().append(queue,
                               {sequence, 0, storage::StoredMessage::no_expiry, 0, false, make_message("", "q", "m")});
        const std::uint64_t number = promised ? commits.promise() : commits.batch().number;
        commits.flush();
        return number;
    }

    MemoryStore store{MemoryStore::Completions::manual};
    std::vector<std::uint64_t> durable;
    std::vector<Outcome> failures;
    Strand strand;
    Commits commits;
};

} // namespace

TEST_CASE("commits: nothing collected is nothing committed", "[core][commits]") {
    Fixture test;
    test.commits.flush();
    test.commits.flush();
    CHECK(test.store.run_completions() == 0);
    CHECK(test.commits.batch().number == 1);
}

TEST_CASE("commits: a promise without anything to write is kept too", "[core][commits]") {
    Fixture test;
    CHECK(test.commits.promise() == 1);
    CHECK(test.commits.promise() == 1);
    test.commits.flush();
    CHECK(test.durable.empty());
    test.store.run_completions();
    CHECK(test.durable == std::vector<std::uint64_t>{1});
    CHECK(test.commits.durable_up_to() == 1);
}

TEST_CASE("commits: batches are numbered in order and told as they become durable", "[core][commits]") {
    Fixture test;
    CHECK(test.write(1) == 1);
    CHECK(test.write(2) == 2);
    CHECK(test.store.messages(queue).size() == 2);
    CHECK(test.durable.empty());
    test.store.run_completions(1);
    CHECK(test.durable == std::vector<std::uint64_t>{1});
    test.store.run_completions(1);
    CHECK(test.durable == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("commits: nobody is told of what was not promised", "[core][commits]") {
    Fixture test;
    test.write(1, false);
    test.store.run_completions();
    CHECK(test.durable.empty());
    CHECK(test.write(2) == 2);
    test.store.run_completions();
    CHECK(test.durable == std::vector<std::uint64_t>{2});
}

TEST_CASE("commits: many completions are told in one piece of work", "[core][commits]") {
    std::vector<std::function<void()>> posted;
    Fixture test([&](std::function<void()> function) { posted.push_back(std::move(function)); });
    test.write(1);
    test.write(2);
    test.write(3);
    test.store.run_completions();
    CHECK(test.durable.empty()); // not on the store's thread
    REQUIRE(posted.size() == 1);
    posted.front()();
    CHECK(test.durable == std::vector<std::uint64_t>{3});
    test.write(4);
    test.store.run_completions();
    REQUIRE(posted.size() == 2);
    posted.back()();
    CHECK(test.durable == std::vector<std::uint64_t>{3, 4});
}

TEST_CASE("commits: a failure is told once", "[core][commits]") {
    Fixture test;
    test.store.fail_next(Outcome::failed);
    test.write(1, false); // also if nobody waits for it
    test.write(2);
    test.store.run_completions();
    CHECK(test.failures == std::vector<Outcome>{Outcome::failed});
    CHECK(test.durable.empty());
}

TEST_CASE("commits: after any failure nothing becomes durable", "[core][commits]") {
    const Outcome outcome =
        GENERATE(Outcome::fenced, Outcome::unavailable, Outcome::unknown, Outcome::full, Outcome::too_large);
    Fixture test;
    test.write(1);
    test.store.run_completions();
    test.store.fail_next(outcome);
    test.write(2);
    test.write(3); // the store may recover; what was in 2 is lost, and 3 would confirm it too
    test.store.run_completions();
    CHECK(test.failures == std::vector<Outcome>{outcome});
    CHECK(test.durable == std::vector<std::uint64_t>{1});
    CHECK(test.commits.durable_up_to() == 1);
}

TEST_CASE("commits: when_durable comes after everything before it", "[core][commits]") {
    Fixture test;
    test.commits.batch().settle(queue, 1); // collected, not yet flushed
    bool done = false;
    test.commits.when_durable([&] { done = true; });
    CHECK(test.store.run_completions(1) == 1);
    CHECK_FALSE(done);
    test.store.run_completions();
    CHECK(done);
    CHECK(test.write(2) == 3); // its number is taken
    SECTION("and not at all after a failure") {
        done = false;
        test.store.fail_next(Outcome::failed);
        test.commits.when_durable([&] { done = true; });
        test.store.run_completions();
        CHECK_FALSE(done);
    }
}
