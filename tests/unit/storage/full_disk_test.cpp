// A disk with little space: who waits for whom, and how the space of what is settled comes back.
#include "tests/unit/storage/rocksdb_fixture.hpp"

#include <atomic>
#include <thread>

namespace storage::test {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

TEST_CASE("rocksdb: on a nearly full disk what adds waits for space, what takes away goes on", "[storage][rocksdb]") {
    Fixture fixture;
    std::atomic<std::uint64_t> free = std::uint64_t{10} << 30;
    RocksStoreOptions options = fixture.options();
    options.free_bytes = [&free] { return free.load(); };
    const auto store = open_rocksdb(options);
    const Sequence first = first_sequence(store->epoch());
    std::promise<Outcome> said;
    const auto append = [&](Sequence sequence) {
        Batch batch;
        batch.append(7, message(sequence));
        said = {};
        store->commit(store->open_shard(1), std::move(batch), [&said](Outcome outcome) { said.set_value(outcome); });
        return said.get_future();
    };
    const auto settle = [&] {
        Batch batch;
        batch.settle(7, first);
        return fixture.commit(*store, std::move(batch));
    };

    REQUIRE(append(first).get() == Outcome::durable);
    free = options.reserve_bytes / 4 - 1;
    CHECK(settle() == Outcome::durable);
    auto waiting = append(first + 1);
    CHECK(waiting.wait_for(std::chrono::milliseconds(0)) == std::future_status::timeout);
    free = std::uint64_t{10} << 30;
    CHECK(waiting.get() == Outcome::durable);
    CHECK(fixture.read(*store, 7).messages.size() == 1);
    free = 1000;
    waiting = append(first + 2);
    store->close();
    CHECK(waiting.get() == Outcome::full);
    CHECK_THAT(fixture.log, Contains("the disk is full: what has to be written waits"));

    free = 1000;
    CHECK_THROWS_WITH(open_rocksdb(options), EndsWith("has only 0 MiB of free space left"));
}

std::uint64_t table_bytes(const std::filesystem::path& database) {
    std::uint64_t bytes = 0;
    std::error_code gone; // it may go meanwhile, or not be there yet
    for (const auto& file : std::filesystem::directory_iterator(database, gone)) {
        const auto size = std::filesystem::file_size(file.path(), gone);
        if (file.path().extension() == ".sst" && !gone)
            bytes += size;
    }
    return bytes;
}

constexpr QueueId queues = 10;

// A megabyte in each of ten queues, in turn, so that every table has pages of all of them; and a message in another.
void fill(LocalStore& store, Sequence first) {
    for (Sequence i = 0; i < 1000; ++i) {
        Batch batch;
        batch.append(1 + i % queues, message(first + i, std::string(10'000, 'x')));
        REQUIRE(Fixture::commit(store, std::move(batch)) == Outcome::durable);
    }
    Batch kept;
    kept.append(queues + 1, message(first + 1000, std::string(10'000, 'y')));
    REQUIRE(Fixture::commit(store, std::move(kept)) == Outcome::durable);
}

void drain(LocalStore& store, Sequence first) {
    for (Sequence i = 0; i < 1000; ++i) {
        Batch batch;
        batch.settle(1 + i % queues, first + i);
        REQUIRE(Fixture::commit(store, std::move(batch)) == Outcome::durable);
    }
}

void require_drained(LocalStore& store) {
    for (QueueId queue = 1; queue <= queues; ++queue)
        REQUIRE(Fixture::read(store, queue).messages.empty());
    REQUIRE(Fixture::read(store, queues + 1).messages.size() == 1);
}

RocksStoreOptions with_small_tables(RocksStoreOptions options) {
    options.page_memtable_bytes = 256 * 1024;
    options.reclaim_interval = std::chrono::milliseconds(20);
    options.sync = false;
    return options;
}

void await_space(const RocksStoreOptions& options) {
    while (table_bytes(options.directory / "db") > 500'000) // or the test times out
        std::this_thread::yield();
}

TEST_CASE("rocksdb: the space of a drained backlog is given back", "[storage][rocksdb]") {
    Fixture fixture;
    RocksStoreOptions options = with_small_tables(fixture.options());
    options.commit_log_bytes = GENERATE(std::size_t{0}, std::size_t{1 << 20});
    // The broker blocks publishers while there is less than four times the reserve.
    if (GENERATE(true, false))
        options.free_bytes = [reserve = options.reserve_bytes] { return 3 * reserve; };
    const auto store = open_rocksdb(options);
    const Sequence first = first_sequence(store->epoch());
    fill(*store, first);
    REQUIRE(table_bytes(options.directory / "db") > 5'000'000);
    drain(*store, first);
    await_space(options);
    require_drained(*store);
}

TEST_CASE("rocksdb: while compactions wait for space, all else goes on", "[storage][rocksdb]") {
    Fixture fixture;
    RocksStoreOptions options = with_small_tables(fixture.options());
    options.commit_log_bytes = 0;
    options.reclaim_interval = std::chrono::milliseconds(5);
    options.free_bytes = [reserve = options.reserve_bytes] { return 2 * reserve - 1; };
    const auto store = open_rocksdb(options);
    for (Sequence round = 0; round < 2; ++round) {
        const Sequence first = first_sequence(store->epoch()) + round * 1001;
        fill(*store, first);
        drain(*store, first);
    }
    // Now and then the drained space is looked after, which must not hold up anybody either.
    for (Sequence i = 0; i < 300; ++i) {
        const Sequence sequence = first_sequence(store->epoch()) + 5000 + i;
        Batch batch;
        batch.append(1, message(sequence));
        REQUIRE(Fixture::commit(*store, std::move(batch)) == Outcome::durable);
        Batch settled;
        settled.settle(1, sequence);
        REQUIRE(Fixture::commit(*store, std::move(settled)) == Outcome::durable);
    }
    for (QueueId queue = 1; queue <= queues; ++queue)
        CHECK(fixture.read(*store, queue).messages.empty());
}

TEST_CASE("rocksdb: a compaction without space gives up, and is done when there is some", "[storage][rocksdb]") {
    Fixture fixture;
    RocksStoreOptions options = with_small_tables(fixture.options());
    options.commit_log_bytes = GENERATE(std::size_t{0}, std::size_t{1 << 20});
    options.compaction_patience = std::chrono::milliseconds(1);
    const auto database = options.directory / "db";
    const std::uint64_t needed = 2 * options.reserve_bytes;
    std::atomic<std::uint64_t> size = needed + 5'000'000; // of the disk: less than there will be
    options.free_bytes = [&] { return size - std::min(size.load(), table_bytes(database)); };
    std::atomic<bool> failed = false;
    options.on_disk_failed = [&failed](std::string_view) { failed = true; };
    const auto store = open_rocksdb(options);
    const Sequence first = first_sequence(store->epoch());
    fill(*store, first);
    drain(*store, first);
    // Enough for a compaction of what is left, not for one that still counts with all of it.
    size = needed + table_bytes(database) + 1'000'000;
    await_space(options);
    require_drained(*store);
    CHECK_FALSE(failed);
}

} // namespace
} // namespace storage::test
