// The commit log: its values survive the way there and back, and it holds what its window promises.
#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/key_codec.hpp"
#include "storage/rocksdb/log_codec.hpp"
#include "tests/unit/storage/store_under_test.hpp"

#include <catch2/catch.hpp>

#include <future>

namespace storage::test {
namespace {

using Catch::Matchers::Contains;

constexpr LogNumber number = first_sequence(3) + 5;

std::string text_of(LogEncoder& encoder) {
    std::string value;
    for (const auto piece : encoder.finish())
        value.append(piece);
    return value;
}

TEST_CASE("commit log: changes come back as they were", "[storage][codec]") {
    StoredMessage shared = message(first_sequence(3), std::string(600, 'x'));
    LogEncoder encoder;
    encoder.begin(number, shared.published_at_ms);
    CHECK(encoder.empty());
    encoder.settled(9, 17, 4);
    encoder.append(7, shared);
    shared.sequence = 2;
    shared.redelivered = true;
    shared.expires_at_ms = 5;
    encoder.append(std::uint64_t{1} << 63, shared);
    encoder.redelivered(8, first_sequence(2), 12);
    encoder.append(8, message(first_sequence(3) + 1, "other"));
    encoder.delivered(8, first_sequence(3) + 1);
    CHECK_FALSE(encoder.empty());
    const std::string value = text_of(encoder);
    CHECK(value.size() < 1000); // the shared body once

    const auto changes = decode_log_value(number, value);
    REQUIRE(changes.has_value());
    REQUIRE(changes->size() == 6);
    const auto& all = *changes;
    CHECK((all[0].kind == LogChangeKind::settled && all[0].queue == 9 && all[0].sequence == 17 && all[0].count == 4));
    CHECK((all[1].kind == LogChangeKind::append && all[1].queue == 7 && all[1].entry.sequence == first_sequence(3)));
    CHECK((all[2].queue == std::uint64_t{1} << 63 && all[2].entry.sequence == 2 && all[2].entry.same_message));
    CHECK((all[2].entry.redelivered && all[2].entry.expires_at_ms == 5 && !all[1].entry.redelivered));
    CHECK((all[2].entry.body == std::string(600, 'x') && all[2].entry.exchange == "exchange"));
    CHECK((all[3].kind == LogChangeKind::redelivered && all[3].sequence == first_sequence(2) && all[3].count == 12));
    CHECK((all[4].entry.body == "other" && !all[4].entry.same_message));
    CHECK((all[5].kind == LogChangeKind::delivered && all[5].sequence == first_sequence(3) + 1));
    CHECK_FALSE(decode_log_value(number + 1, value).has_value());
}

TEST_CASE("commit log: no damage of a value goes unnoticed", "[storage][codec]") {
    LogEncoder encoder;
    encoder.begin(number, 0);
    encoder.append(7, message(first_sequence(3), "body"));
    encoder.settled(7, 1, 1);
    const std::string value = text_of(encoder);
    REQUIRE(decode_log_value(number, value).has_value());
    for (std::size_t size = 0; size < value.size(); ++size)
        CHECK_FALSE(decode_log_value(number, value.substr(0, size)).has_value());
    for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
        std::string flipped = value;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        CHECK_FALSE(decode_log_value(number, flipped).has_value());
    }
}

struct Rows {
    std::size_t log = 0, pages = 0, queues = 0;
    std::size_t log_bytes = 0;
};

Rows rows(const std::filesystem::path& store) {
    Database database(store / "db", {});
    Rows result;
    const auto count = [&](Family family, std::size_t& rows, std::size_t& bytes) {
        const auto at = database.iterate(family);
        for (at->SeekToFirst(); at->Valid(); at->Next()) {
            rows += 1;
            bytes += at->value().size();
        }
    };
    std::size_t ignored = 0;
    count(Family::log, result.log, result.log_bytes);
    count(Family::pages, result.pages, ignored);
    count(Family::queues, result.queues, ignored);
    return result;
}

void commit(Store& store, Batch batch) {
    std::promise<Outcome> said;
    store.commit(store.open_shard(1), std::move(batch), [&said](Outcome outcome) { said.set_value(outcome); });
    REQUIRE(said.get_future().get() == Outcome::durable);
}

TEST_CASE("commit log: a message for many queues is one value with one body", "[storage][rocksdb]") {
    const TemporaryDirectory directory;
    RocksStoreOptions options;
    options.directory = directory.path() / "store";
    {
        const auto store = open_rocksdb(options);
        StoredMessage entry = message(first_sequence(store->epoch()), std::string(4096, 'x'));
        Batch batch;
        for (QueueId queue = 1; queue <= 100; ++queue)
            batch.append(queue, entry);
        commit(*store, std::move(batch));
        store->close();
    }
    Rows found = rows(options.directory);
    CHECK(found.log == 1);
    CHECK(found.log_bytes < 6000);
    CHECK(found.pages + found.queues == 0);
    {
        const auto store = open_rocksdb(options);
        Recovered recovered;
        store->recover(recovered);
        REQUIRE(recovered.queues.size() == 100);
        CHECK(recovered.queues.at(50).body_bytes == 4096);
        Batch batch;
        for (QueueId queue = 1; queue <= 100; ++queue)
            batch.settle(queue, first_sequence(1));
        commit(*store, std::move(batch));
        store->close();
    }
    found = rows(options.directory);
    CHECK(found.log + found.pages + found.queues == 0);
}

TEST_CASE("commit log: what outlives its window is in pages, and the window is bounded", "[storage][rocksdb]") {
    const TemporaryDirectory directory;
    RocksStoreOptions options;
    options.directory = directory.path() / "store";
    options.commit_log_bytes = 64 * 1024;
    const auto store = open_rocksdb(options);
    const Sequence first = first_sequence(store->epoch());
    for (Sequence i = 0; i < 500; ++i) { // one of queue 1 that stays, one of queue 2 that goes
        Batch batch;
        if (i % 100 == 0)
            batch.append(1, message(first + i, "stays"));
        batch.append(2, message(first + i, std::string(1000, 'x')));
        if (i > 0)
            batch.settle(2, first + i - 1);
        commit(*store, std::move(batch));
    }
    store->close();
    const Rows found = rows(options.directory);
    CHECK(found.log_bytes < 2 * options.commit_log_bytes);
    CHECK(found.pages > 0);
    CHECK(found.pages < 10);
}

TEST_CASE("commit log: a long queue leaves a full log in steps", "[storage][rocksdb]") {
    const TemporaryDirectory directory;
    RocksStoreOptions options;
    options.directory = directory.path() / "store";
    options.commit_log_bytes = 1 << 20;
    std::size_t count = 110; // somewhat more than the log holds
    const auto store = open_rocksdb(options);
    for (Sequence next = first_sequence(store->epoch()); count > 0; --count) {
        Batch batch;
        batch.append(1, message(next++, std::string(10'000, 'x')));
        commit(*store, std::move(batch));
    }
    store->close();
    const Rows found = rows(options.directory);
    CHECK(found.pages > 0);
    CHECK(found.log_bytes > options.commit_log_bytes / 2);
}

TEST_CASE("commit log: a burst into a long queue does not write again what is there", "[storage][rocksdb]") {
    const TemporaryDirectory directory;
    RocksStoreOptions options;
    options.directory = directory.path() / "store";
    const std::size_t burst = 400; // enough for pages of its own
    const bool long_queue = GENERATE(false, true);
    {
        const auto store = open_rocksdb(options);
        Sequence next = first_sequence(store->epoch());
        for (int i = 0; long_queue && i < 5; ++i) {
            Batch batch;
            for (int k = 0; k < 200; ++k)
                batch.append(1, message(next++));
            commit(*store, std::move(batch));
        }
        Batch batch;
        for (std::size_t i = 0; i < burst; ++i)
            batch.append(1, message(next++));
        commit(*store, std::move(batch));
        store->close();
    }
    CHECK((rows(options.directory).pages == 0) == long_queue);
}

TEST_CASE("commit log: a value that cannot be read stops the start", "[storage][rocksdb]") {
    const TemporaryDirectory directory;
    RocksStoreOptions options;
    options.directory = directory.path() / "store";
    {
        const auto store = open_rocksdb(options);
        Batch batch;
        batch.append(1, message(first_sequence(store->epoch())));
        commit(*store, std::move(batch));
        store->close();
    }
    {
        Database database(options.directory / "db", {});
        REQUIRE(database.db().Put({}, database.family(Family::log), encode_key(first_sequence(1)), "nonsense").ok());
    }
    CHECK_THROWS_WITH(open_rocksdb(options), Contains("of the commit log: log value has a wrong checksum"));
}

} // namespace
} // namespace storage::test
