// What the stores for tests can be asked to do.
#include "storage/memory_store.hpp"
#include "storage/mock_store.hpp"
#include "tests/unit/storage/store_under_test.hpp"

#include <catch2/catch.hpp>

namespace storage::test {
namespace {

Batch appending(Sequence sequence, std::uint64_t number = 0) {
    Batch batch;
    batch.append(7, message(sequence));
    batch.number = number;
    return batch;
}

TEST_CASE("memory store: completions run at once, or when asked for", "[storage][memory]") {
    MemoryStore store;
    const Lease lease = store.open_shard(1);
    std::vector<int> order;
    const auto commit = [&](int name) {
        store.commit(lease, appending(first_sequence(1) + static_cast<Sequence>(name)),
                     [&order, name](Outcome) { order.push_back(name); });
    };
    commit(1);
    CHECK(order == std::vector<int>{1});
    store.set_completions(MemoryStore::Completions::manual);
    commit(2);
    commit(3);
    CHECK(order == std::vector<int>{1});
    CHECK(store.messages(7).size() == 3);
    CHECK(store.run_completions(1) == 1);
    CHECK(order == std::vector<int>{1, 2});
    store.set_completions(MemoryStore::Completions::immediate);
    CHECK(order == std::vector<int>{1, 2, 3});
    CHECK(store.run_completions() == 0);
}

TEST_CASE("memory store: the next commit can fail, applied or not", "[storage][memory]") {
    struct Row {
        Outcome outcome;
        MemoryStore::Applied applied;
        bool lasts;
    };
    const Row row = GENERATE(
        Row{Outcome::full, MemoryStore::Applied::no, false}, Row{Outcome::unavailable, MemoryStore::Applied::no, false},
        Row{Outcome::unknown, MemoryStore::Applied::no, false}, Row{Outcome::unknown, MemoryStore::Applied::yes, false},
        Row{Outcome::failed, MemoryStore::Applied::no, true}, Row{Outcome::fenced, MemoryStore::Applied::no, true});
    MemoryStore store;
    const Lease lease = store.open_shard(1);
    const Sequence first = first_sequence(store.epoch());
    const auto commit = [&](Batch batch) {
        Outcome said = Outcome::too_large;
        store.commit(lease, std::move(batch), [&](Outcome outcome) { said = outcome; });
        return said;
    };
    store.fail_next(row.outcome, row.applied);
    CHECK(commit(appending(first, 1)) == row.outcome);
    CHECK(store.messages(7).size() == (row.applied == MemoryStore::Applied::yes ? 1 : 0));
    CHECK(commit(appending(first, 1)) == (row.lasts ? row.outcome : Outcome::durable));
    CHECK(store.messages(7).size() == (row.lasts ? 0 : 1));
}

TEST_CASE("mock store: a fenced shard stays fenced, another one does not notice", "[storage][mock]") {
    MockStore store(std::make_unique<MemoryStore>(), {});
    std::vector<Outcome> said;
    store.fence(1);
    for (const ShardId shard : {1u, 2u, 1u})
        store.commit(store.open_shard(shard), appending(first_sequence(1) + said.size(), 1),
                     [&](Outcome outcome) { said.push_back(outcome); });
    CHECK(said.empty()); // not before they are asked for
    store.drain();
    CHECK(said == std::vector<Outcome>{Outcome::fenced, Outcome::durable, Outcome::fenced});
}

TEST_CASE("mock store: nothing is applied after a batch of unknown fate until that came again", "[storage][mock]") {
    const std::uint64_t seed = GENERATE(range(1, 20));
    CAPTURE(seed);
    MockStore store(std::make_unique<MemoryStore>(), {.seed = seed, .unknown_one_in = 2});
    const Lease lease = store.open_shard(1);
    std::vector<Outcome> said;
    const auto commit = [&](std::uint64_t number) {
        store.commit(lease, appending(first_sequence(1) + number, number),
                     [&](Outcome outcome) { said.push_back(outcome); });
        store.drain();
        return said.back();
    };
    std::uint64_t number = 1;
    while (commit(number) != Outcome::unknown)
        ++number;
    CHECK(commit(number + 1) == Outcome::unavailable);
    while (commit(number) != Outcome::durable) {
    }
    std::size_t messages = 0;
    store.read(7, 0, SIZE_MAX, SIZE_MAX, [&](Store::Page page) { messages = page.messages.size(); });
    store.drain();
    CHECK(messages == number);
}

} // namespace
} // namespace storage::test
