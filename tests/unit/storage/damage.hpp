// A store to damage: a few records, queues with messages in pages (with holes) and in the commit log; and ways to hurt
// it behind its back.
#pragma once

#include "storage/records.hpp"
#include "storage/rocksdb/database.hpp"
#include "storage/store_tools.hpp"
#include "tests/unit/storage/store_under_test.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace storage::test {

inline constexpr QueueId paged_queue = 7;  // 600 messages in pages of 200 or fewer, every tenth one settled
inline constexpr QueueId young_queue = 8;  // 20 messages in the commit log
inline constexpr QueueId second_queue = 9; // 5 messages in a page

class DamagedStore {
 public:
    enum class End : std::uint8_t { closed, killed };
    explicit DamagedStore(End end);

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path database() const { return path_ / "db"; }
    RocksStoreOptions options();

    void tamper(const std::function<void(Database&)>& change);
    void damage_value(Family family, std::string_view key); // a bit of it
    std::string first_key(Family family);

    struct Said {
        std::vector<std::string> lines;
        bool has(std::string_view text) const; // in one of them
    };
    Said verify(); // the findings
    Said repair();

    Recovered open_and_recover();
    std::vector<std::string> bodies(QueueId queue); // opens the store

    std::string log;

 private:
    TemporaryDirectory directory_;
    std::filesystem::path path_ = directory_.path() / "store";
    std::mutex mutex_;
};

std::string body_of(QueueId queue, int number);
Outcome commit(Store& store, Batch batch); // promised
void overwrite(const std::filesystem::path& file, std::uint64_t at, std::string_view octets);
void flip(const std::filesystem::path& file, std::uint64_t at);

} // namespace storage::test
