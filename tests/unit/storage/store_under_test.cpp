#include "tests/unit/storage/store_under_test.hpp"

#include "storage/memory_store.hpp"
#include "storage/mock_store.hpp"
#include "storage/rocksdb/newest_wal.hpp"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <atomic>
#include <future>

namespace storage::test {
namespace {

// The next commit's and read's completions come from threads of the store.
class RocksUnderTest final : public StoreUnderTest {
 public:
    explicit RocksUnderTest(std::size_t commit_log_bytes) : commit_log_bytes_(commit_log_bytes) { open(); }
    ~RocksUnderTest() override { store_.reset(); } // before its directory
    void settle_down() override {
        const auto committed = std::make_shared<std::promise<void>>();
        store_->commit(store_->open_shard(node_shard), {}, [committed](Outcome) { committed->set_value(); });
        committed->get_future().wait();
        const auto read = std::make_shared<std::promise<void>>();
        store_->read(0, 0, 1, 1, [read](Store::Page) { read->set_value(); });
        read->get_future().wait();
    }

 private:
    std::unique_ptr<Store> make() override {
        RocksStoreOptions options;
        options.directory = directory_.path() / "store";
        options.commit_log_bytes = commit_log_bytes_;
        return open_rocksdb(options);
    }
    std::size_t commit_log_bytes_;
    TemporaryDirectory directory_;
};

class MemoryUnderTest final : public StoreUnderTest {
 public:
    MemoryUnderTest() { open(); }
    void settle_down() override { memory_->run_completions(); }

 private:
    std::unique_ptr<Store> make() override {
        auto store = std::make_unique<MemoryStore>(MemoryStore::Completions::manual, disk_);
        memory_ = store.get();
        return store;
    }
    std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
    MemoryStore* memory_ = nullptr;
};

class MockUnderTest final : public StoreUnderTest {
 public:
    explicit MockUnderTest(std::uint64_t seed) : seed_(seed) { open(); }
    void settle_down() override { mock_->drain(); }

 private:
    std::unique_ptr<Store> make() override {
        auto store = std::make_unique<MockStore>(
            std::make_unique<MemoryStore>(MemoryStore::Completions::immediate, disk_),
            MockStore::Options{.seed = seed_++, .unknown_one_in = 4, .unavailable_one_in = 4});
        mock_ = store.get();
        return store;
    }
    std::uint64_t seed_;
    std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
    MockStore* mock_ = nullptr;
};

} // namespace

std::string name(Kind kind) {
    constexpr const char* names[] = {"rocksdb", "rocksdb with a small commit log", "memory", "mock"};
    return names[static_cast<std::size_t>(kind)];
}

TemporaryDirectory::TemporaryDirectory() {
    static std::atomic<unsigned> next = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("leveret-storage-" + std::to_string(::getpid()) + "-" + std::to_string(next++));
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void Recovered::on_record(ShardId shard, RecordKey key, std::string_view value) {
    REQUIRE(queues.empty());
    if (shards_in_order.empty() || shards_in_order.back() != shard)
        shards_in_order.push_back(shard);
    records.emplace(std::pair(shard, std::move(key)), value);
}

void Recovered::on_queue(const QueueState& state) {
    REQUIRE(queues.emplace(state.queue, state).second);
}

Outcome StoreUnderTest::commit(Batch batch, ShardId shard) {
    if (batch.number == 0)
        batch.number = next_number(shard);
    if (batch.number % 8 == 0)
        batch.promise(); // a sync takes milliseconds
    const Lease lease = store_->open_shard(shard);
    while (true) {
        const auto said = std::make_shared<std::promise<Outcome>>();
        store_->commit(lease, batch, [said](Outcome outcome) { said->set_value(outcome); });
        settle_down();
        const Outcome outcome = said->get_future().get();
        if (outcome != Outcome::unknown && outcome != Outcome::unavailable)
            return outcome;
    }
}

Store::Page StoreUnderTest::read(QueueId queue, Sequence from, std::size_t max_messages, std::size_t max_bytes) {
    const auto page = std::make_shared<std::promise<Store::Page>>();
    store_->read(queue, from, max_messages, max_bytes, [page](Store::Page read) { page->set_value(std::move(read)); });
    settle_down();
    return page->get_future().get();
}

std::vector<StoredMessage> StoreUnderTest::all(QueueId queue) {
    auto page = read(queue);
    REQUIRE(page.ok);
    REQUIRE(page.end);
    return std::move(page.messages);
}

void StoreUnderTest::open() {
    store_ = make();
    recovered = {};
    store_->recover(recovered);
    numbers_.clear();
    next_sequence_ = first_sequence(store_->epoch());
}

void StoreUnderTest::reopen() {
    store_->close();
    reopen_abandoned();
}

void StoreUnderTest::reopen_abandoned() {
    store_.reset();
    open();
}

std::unique_ptr<StoreUnderTest> make_store(Kind kind, std::uint64_t seed) {
    if (kind == Kind::rocksdb)
        return std::make_unique<RocksUnderTest>(RocksStoreOptions().commit_log_bytes);
    if (kind == Kind::rocksdb_small)
        return std::make_unique<RocksUnderTest>(8 * 1024);
    if (kind == Kind::memory)
        return std::make_unique<MemoryUnderTest>();
    return std::make_unique<MockUnderTest>(seed);
}

StoredMessage message(Sequence sequence, std::string_view body) {
    static const std::string properties("\x10\x00\x02", 3); // delivery-mode 2
    StoredMessage entry;
    entry.sequence = sequence;
    entry.published_at_ms = 1'700'000'000'000 + static_cast<std::int64_t>(sequence % 1000);
    entry.message = amqp::Message::make("exchange", "routing.key", properties, body);
    return entry;
}

std::vector<Sequence> sequences(const std::vector<StoredMessage>& messages) {
    std::vector<Sequence> result;
    for (const auto& each : messages)
        result.push_back(each.sequence);
    return result;
}

std::filesystem::path newest_log(const std::filesystem::path& database) {
    const auto files = wal_files(database);
    return files.empty() ? std::filesystem::path() : files.rbegin()->second;
}

} // namespace storage::test
