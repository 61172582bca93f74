// A copy of a store that is being written to.
#include "storage/rocksdb/wal_file.hpp"
#include "tests/unit/storage/damage.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <thread>

namespace storage::test {
namespace {

RocksStoreOptions options_of(const std::filesystem::path& directory) {
    RocksStoreOptions options;
    options.directory = directory;
    options.page_memtable_bytes = 256 * 1024; // tables and logs come and go meanwhile
    options.commit_log_bytes = 64 * 1024;
    options.reclaim_interval = std::chrono::milliseconds(20);
    options.log = [](LogLevel, std::string_view) {};
    return options;
}

std::vector<Sequence> sequences_in(Store& store, QueueId queue) {
    const auto page = std::make_shared<std::promise<Store::Page>>();
    store.read(queue, 0, SIZE_MAX, SIZE_MAX, [page](Store::Page got) { page->set_value(std::move(got)); });
    const Store::Page got = page->get_future().get();
    REQUIRE(got.ok);
    return sequences(got.messages);
}

TEST_CASE("copy: has what was committed before, verifies, and opens", "[storage][copy]") {
    const TemporaryDirectory directory;
    const auto store = open_rocksdb(options_of(directory.path() / "store"));
    const Sequence first = first_sequence(store->epoch());
    std::atomic<std::uint64_t> committed = 0;
    std::atomic<bool> stop = false;
    std::thread writer([&] {
        for (Sequence next = first; !stop; ++next) {
            Batch batch;
            batch.append(7, message(next, std::string(5000, 'x')));
            if (next >= first + 100 && next % 2 == 0)
                batch.settle(7, next - 100);
            if (commit(*store, std::move(batch)) == Outcome::durable)
                committed = next - first + 1;
        }
    });
    for (int round = 0; round < 5; ++round) {
        while (committed < 300u * static_cast<unsigned>(round + 1))
            std::this_thread::yield();
        const auto copy = directory.path() / "copies" / std::to_string(round);
        const std::uint64_t before = committed;
        REQUIRE(store->copy_to(copy).has_value());
        CHECK_FALSE(std::filesystem::exists(copy.string() + ".unfinished"));
        const auto log = newest_log(copy / "db"); // what is written meanwhile is not copied in part
        CHECK(std::filesystem::file_size(log) == read_wal(log).size);
        std::vector<std::string> findings;
        verify_rocksdb(copy, [&](std::string_view line) { findings.emplace_back(line); }, [](std::string_view) {});
        CHECK(findings == std::vector<std::string>{});

        const auto opened = open_rocksdb(options_of(copy));
        Sequence expected = first;
        for (const Sequence sequence : sequences_in(*opened, 7)) {
            for (; expected < sequence; ++expected)
                REQUIRE(expected % 2 == 0); // settled, and no other one is missing
            ++expected;
        }
        CHECK(expected - first >= before);
        opened->close();
    }
    stop = true;
    writer.join();
    store->close();
}

TEST_CASE("copy: is refused where there is something already", "[storage][copy]") {
    const TemporaryDirectory directory;
    const auto store = open_rocksdb(options_of(directory.path() / "store"));
    std::filesystem::create_directories(directory.path() / "copy" / "full");
    CHECK_FALSE(store->copy_to(directory.path() / "copy").has_value());
    CHECK(std::filesystem::exists(directory.path() / "copy" / "full"));
    store->close();
}

TEST_CASE("copy: is refused without room for it", "[storage][copy]") {
    const TemporaryDirectory directory;
    RocksStoreOptions options = options_of(directory.path() / "store");
    options.free_bytes = [] { return UINT64_MAX; };
    options.reserve_bytes = std::uint64_t{1} << 60;
    const auto store = open_rocksdb(options);
    const auto copied = store->copy_to(directory.path() / "copy");
    REQUIRE_FALSE(copied.has_value());
    CHECK(copied.error().text == "there is not enough free space for a copy");
    CHECK_FALSE(std::filesystem::exists(directory.path() / "copy"));
    store->close();
}

} // namespace
} // namespace storage::test
