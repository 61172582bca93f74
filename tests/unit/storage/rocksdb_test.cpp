// What only the store on disk can get wrong.
#include "storage/rocksdb/key_codec.hpp"
#include "tests/unit/storage/rocksdb_fixture.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace storage::test {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

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

} // namespace
} // namespace storage::test
