// What only the store on disk can get wrong.
#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/key_codec.hpp"
#include "tests/unit/storage/store_under_test.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <thread>

namespace storage::test {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

class Fixture {
 public:
    RocksStoreOptions options() {
        RocksStoreOptions result;
        result.directory = directory.path() / "store";
        result.log = [this](LogLevel, std::string_view line) {
            const std::lock_guard lock(mutex);
            log += std::string(line) + '\n';
        };
        return result;
    }

    static Outcome commit(Store& store, Batch batch) {
        batch.promise();
        const auto said = std::make_shared<std::promise<Outcome>>();
        store.commit(store.open_shard(1), std::move(batch), [said](Outcome outcome) { said->set_value(outcome); });
        return said->get_future().get();
    }

    static Store::Page read(Store& store, QueueId queue) {
        const auto page = std::make_shared<std::promise<Store::Page>>();
        store.read(queue, 0, SIZE_MAX, SIZE_MAX, [page](Store::Page got) { page->set_value(std::move(got)); });
        return page->get_future().get();
    }

    // A store with ten messages in two pages of queue 7, and one in queue 8.
    void fill(bool close) {
        RocksStoreOptions all_in_pages = options();
        all_in_pages.commit_log_bytes = 0;
        const auto store = open_rocksdb(all_in_pages);
        Sequence sequence = first_sequence(store->epoch());
        for (const QueueId queue : {QueueId{7}, QueueId{7}, QueueId{8}}) {
            Batch batch;
            for (int i = 0; i < 5; ++i)
                batch.append(queue, message(sequence++));
            batch.settle(queue, sequence - 2);
            REQUIRE(commit(*store, std::move(batch)) == Outcome::durable);
        }
        if (close)
            store->close();
    }

    // Opens the database behind the store's back.
    template <class Change>
    void tamper(const Change& change) {
        Database database(options().directory / "db", {});
        change(database);
    }

    TemporaryDirectory directory;
    std::mutex mutex;
    std::string log;
};

std::filesystem::path newest_log(const std::filesystem::path& database) {
    std::filesystem::path newest;
    for (const auto& file : std::filesystem::directory_iterator(database))
        if (file.path().extension() == ".log" && file.path() > newest)
            newest = file.path();
    return newest;
}

TEST_CASE("rocksdb: the data directory is for its owner only, and for one process", "[storage][rocksdb]") {
    Fixture fixture;
    const auto store = open_rocksdb(fixture.options());
    struct stat status {};
    REQUIRE(::stat(fixture.options().directory.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
    CHECK_THROWS_WITH(open_rocksdb(fixture.options()),
                      EndsWith("is in use by another process (pid " + std::to_string(::getpid()) + ")"));
    store->close();
}

TEST_CASE("rocksdb: the directory is free again after close, and after a death", "[storage][rocksdb]") {
    Fixture fixture;
    open_rocksdb(fixture.options())->close();
    open_rocksdb(fixture.options()).reset();
    CHECK(open_rocksdb(fixture.options())->epoch() == 3);
}

TEST_CASE("rocksdb: a directory that cannot be made is one clear line", "[storage][rocksdb]") {
    Fixture fixture;
    RocksStoreOptions options = fixture.options();
    std::ofstream(fixture.directory.path() / "file") << "x";
    options.directory = fixture.directory.path() / "file" / "store";
    CHECK_THROWS_WITH(open_rocksdb(options), Contains("cannot be made"));
}

TEST_CASE("rocksdb: a missing write-ahead log is noticed", "[storage][rocksdb]") {
    Fixture fixture;
    fixture.fill(false);
    const auto database = fixture.options().directory / "db";
    REQUIRE(std::filesystem::remove(newest_log(database)));
    CHECK_THROWS_WITH(open_rocksdb(fixture.options()), Contains("is damaged: the write-ahead log"));
}

TEST_CASE("rocksdb: a missing older write-ahead log is noticed", "[storage][rocksdb]") {
    Fixture fixture;
    RocksStoreOptions options = fixture.options();
    options.page_memtable_bytes = 64 * 1024; // flushed often; the rows beside the pages keep the logs alive
    {
        const auto store = open_rocksdb(options);
        for (Sequence i = 0; i < 8; ++i) {
            Batch batch;
            batch.append(7, message(first_sequence(store->epoch()) + i, std::string(60'000, 'x')));
            REQUIRE(fixture.commit(*store, std::move(batch)) == Outcome::durable);
        }
    }
    std::filesystem::path oldest;
    for (const auto& file : std::filesystem::directory_iterator(options.directory / "db"))
        if (file.path().extension() == ".log" && (oldest.empty() || file.path() < oldest))
            oldest = file.path();
    REQUIRE(oldest != newest_log(options.directory / "db"));
    REQUIRE(std::filesystem::remove(oldest));
    CHECK_THROWS_WITH(open_rocksdb(options), Contains("Missing WAL"));
}

TEST_CASE("rocksdb: a missing database is noticed", "[storage][rocksdb]") {
    Fixture fixture;
    fixture.fill(true);
    std::filesystem::remove_all(fixture.options().directory / "db");
    CHECK_THROWS_WITH(open_rocksdb(fixture.options()), Contains("db/CURRENT is missing"));
}

TEST_CASE("rocksdb: after a clean close no log is needed", "[storage][rocksdb]") {
    Fixture fixture;
    fixture.fill(true);
    const auto database = fixture.options().directory / "db";
    for (auto log = newest_log(database); !log.empty(); log = newest_log(database))
        std::filesystem::remove(log);
    const auto store = open_rocksdb(fixture.options());
    CHECK(fixture.read(*store, 7).messages.size() == 8);
}

TEST_CASE("rocksdb: a flipped bit in the write-ahead log is refused, a torn tail is not", "[storage][rocksdb]") {
    Fixture fixture;
    fixture.fill(false);
    const auto log = newest_log(fixture.options().directory / "db");
    const auto size = std::filesystem::file_size(log);
    if (GENERATE(false, true)) {
        std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(size / 3));
        const char octet = static_cast<char>(file.peek() ^ 0x10);
        file.write(&octet, 1);
        file.close();
        CHECK_THROWS_WITH(open_rocksdb(fixture.options()), Contains("in what was synced; leveret repair"));
    } else {
        std::filesystem::resize_file(log, size - 3);
        const auto store = open_rocksdb(fixture.options());
        CHECK(fixture.read(*store, 7).messages.size() == 8);
    }
}

TEST_CASE("rocksdb: a damaged queue row is counted anew from the pages", "[storage][rocksdb]") {
    Fixture fixture;
    fixture.fill(true);
    fixture.tamper([](Database& database) {
        REQUIRE(database.db().Put({}, database.family(Family::queues), encode_key(QueueId{7}), "nonsense").ok());
    });
    const auto store = open_rocksdb(fixture.options());
    Recovered recovered;
    store->recover(recovered);
    CHECK(recovered.queues.at(7).messages == 8);
    CHECK(recovered.queues.at(7).body_bytes == 32);
    CHECK(recovered.queues.at(7).delivered_up_to == recovered.queues.at(7).last);
    CHECK(recovered.queues.at(8).messages == 4);
    CHECK_THAT(fixture.log, Contains("queue 7: queue row has a wrong checksum, counted anew from its pages"));
}

TEST_CASE("rocksdb: a damaged page is reported, never served, and hurts no other queue", "[storage][rocksdb]") {
    Fixture fixture;
    fixture.fill(true);
    fixture.tamper([](Database& database) {
        const auto at = database.iterate(Family::pages);
        at->SeekToFirst();
        REQUIRE(at->Valid());
        std::string value = at->value().ToString();
        value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
        REQUIRE(database.db().Put({}, database.family(Family::pages), at->key(), value).ok());
    });
    const auto store = open_rocksdb(fixture.options());
    CHECK_FALSE(fixture.read(*store, 7).ok);
    CHECK_THAT(fixture.log, Contains("page has a wrong checksum"));
    const auto other = fixture.read(*store, 8);
    CHECK(other.ok);
    CHECK(other.messages.size() == 4);
    Batch settle; // goes past the page that cannot be read
    settle.settle(7, 0, first_sequence(1) + 9);
    CHECK(fixture.commit(*store, std::move(settle)) == Outcome::durable);
}

TEST_CASE("rocksdb: a store of another format is left alone", "[storage][rocksdb]") {
    Fixture fixture;
    fixture.fill(true);
    fixture.tamper([](Database& database) {
        REQUIRE(database.db()
                    .Put({}, database.family(Family::node), slice(node_rows::format), std::string("\x02\0\0\0", 4))
                    .ok());
    });
    CHECK_THROWS_WITH(open_rocksdb(fixture.options()), "the store has format 2, this program reads format 1");
}

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

TEST_CASE("rocksdb: close writes what is queued and answers it", "[storage][rocksdb]") {
    Fixture fixture;
    int durable = 0;
    std::size_t read = 0;
    {
        const auto store = open_rocksdb(fixture.options());
        const Lease lease = store->open_shard(1);
        for (Sequence i = 0; i < 1000; ++i) {
            Batch batch;
            batch.append(7, message(first_sequence(store->epoch()) + i));
            store->commit(lease, std::move(batch), [&](Outcome outcome) { durable += outcome == Outcome::durable; });
        }
        store->read(7, 0, SIZE_MAX, SIZE_MAX, [&](Store::Page page) { read = page.messages.size(); });
        store->close();
    }
    CHECK(durable == 1000);
    CHECK(read == 1000);
    const auto store = open_rocksdb(fixture.options());
    CHECK(fixture.read(*store, 7).messages.size() == 1000);
}

TEST_CASE("rocksdb: messages that came and went between two syncs are never written", "[storage][rocksdb]") {
    Fixture fixture;
    {
        const auto store = open_rocksdb(fixture.options());
        Batch batch;
        const Sequence first = first_sequence(store->epoch());
        for (Sequence sequence = first; sequence < first + 100; ++sequence)
            batch.append(7, message(sequence));
        batch.settle(7, first, 100);
        REQUIRE(fixture.commit(*store, std::move(batch)) == Outcome::durable);
        store->close();
    }
    fixture.tamper([](Database& database) {
        const auto pages = database.iterate(Family::pages);
        pages->SeekToFirst();
        CHECK_FALSE(pages->Valid());
        const auto rows = database.iterate(Family::queues);
        rows->SeekToFirst();
        CHECK_FALSE(rows->Valid());
    });
}

std::uint64_t table_bytes(const std::filesystem::path& database) {
    std::uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(database)) {
        std::error_code gone; // it may go meanwhile
        const auto size = std::filesystem::file_size(file.path(), gone);
        if (file.path().extension() == ".sst" && !gone)
            bytes += size;
    }
    return bytes;
}

TEST_CASE("rocksdb: the space of a drained backlog is given back", "[storage][rocksdb]") {
    Fixture fixture;
    RocksStoreOptions options = fixture.options();
    options.page_memtable_bytes = 256 * 1024;
    options.reclaim_interval = std::chrono::milliseconds(20);
    options.commit_log_bytes = GENERATE(std::size_t{0}, std::size_t{1 << 20});
    options.sync = false;
    const auto store = open_rocksdb(options);
    const Sequence first = first_sequence(store->epoch());
    constexpr Sequence count = 1000;
    for (Sequence i = 0; i < count; ++i) {
        Batch batch;
        batch.append(7, message(first + i, std::string(10'000, 'x')));
        REQUIRE(fixture.commit(*store, std::move(batch)) == Outcome::durable);
    }
    REQUIRE(table_bytes(options.directory / "db") > 5'000'000);
    Batch kept;
    kept.append(8, message(first, std::string(10'000, 'y')));
    REQUIRE(fixture.commit(*store, std::move(kept)) == Outcome::durable);
    for (Sequence i = 0; i < count; i += 100) {
        Batch batch;
        batch.settle(7, first + i, 100);
        REQUIRE(fixture.commit(*store, std::move(batch)) == Outcome::durable);
    }
    while (table_bytes(options.directory / "db") > 500'000) // or the test times out
        std::this_thread::yield();
    CHECK(fixture.read(*store, 7).messages.empty());
    CHECK(fixture.read(*store, 8).messages.size() == 1);
}

} // namespace
} // namespace storage::test
