// One of the stores, driven step by step: commits and reads that wait for their answer, and reopening with and without
// a clean close. What the conformance suite and the model test run over.
#pragma once

#include "storage/rocksdb_store.hpp"
#include "storage/store.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace storage::test {

// rocksdb_small: with a commit log that is always full.
enum class Kind : std::uint8_t { rocksdb, rocksdb_small, memory, mock };
inline const std::initializer_list<Kind> every_kind = {Kind::rocksdb, Kind::rocksdb_small, Kind::memory, Kind::mock};
std::string name(Kind kind);

// Removed with everything in it at the end.
class TemporaryDirectory {
 public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

struct Recovered : RecoveryVisitor {
    std::map<std::pair<ShardId, RecordKey>, std::string> records;
    std::vector<ShardId> shards_in_order;
    std::map<QueueId, QueueState> queues;
    void on_record(ShardId shard, RecordKey key, std::string_view value) override;
    void on_queue(const QueueState& state) override;
};

class StoreUnderTest {
 public:
    virtual ~StoreUnderTest() = default;

    Store& store() { return *store_; }
    Recovered recovered; // by the latest open
    Sequence next_sequence() { return next_sequence_++; }

    // Repeats what a core repeats: unknown and unavailable, with the same number.
    Outcome commit(Batch batch, ShardId shard = 1);
    Store::Page read(QueueId queue, Sequence from = 0, std::size_t max_messages = SIZE_MAX,
                     std::size_t max_bytes = SIZE_MAX);
    std::vector<StoredMessage> all(QueueId queue);

    void reopen();           // closed cleanly
    void reopen_abandoned(); // as after kill -9

    virtual void settle_down() = 0; // everything that was asked for is answered when it returns
    std::uint64_t next_number(ShardId shard) { return ++numbers_[shard]; }

 protected:
    void open();
    virtual std::unique_ptr<Store> make() = 0;
    std::unique_ptr<Store> store_;

 private:
    std::map<ShardId, std::uint64_t> numbers_;
    Sequence next_sequence_ = 1;
};

std::unique_ptr<StoreUnderTest> make_store(Kind kind, std::uint64_t seed = 1);

StoredMessage message(Sequence sequence, std::string_view body = "body");
std::filesystem::path newest_log(const std::filesystem::path& database); // empty: there is none
// "first..last" bodies and sequences of messages, for comparing.
std::vector<Sequence> sequences(const std::vector<StoredMessage>& messages);

} // namespace storage::test
