// What the reclaimer leaves on the disk.
#include "storage/rocksdb/space_reclaimer.hpp"
#include "tests/unit/storage/rocksdb_fixture.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

namespace storage::test {
namespace {

bool is_table(const std::string& name) {
    return name.ends_with(".sst");
}

// Tells of each table that is begun.
class TableWatch final : public rocksdb::FileSystemWrapper {
 public:
    explicit TableWatch(std::function<void()> told)
        : FileSystemWrapper(rocksdb::FileSystem::Default()),
          told_(std::move(told)) {}
    const char* Name() const override { return "TableWatch"; }
    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override {
        const rocksdb::IOStatus status = target()->NewWritableFile(name, options, file, debug);
        if (is_table(name))
            told_();
        return status;
    }

 private:
    const std::function<void()> told_;
};

std::vector<std::string> tables_on_disk(const std::filesystem::path& database) {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(database))
        if (is_table(file.path().filename().string()))
            names.push_back("/" + file.path().filename().string()); // as RocksDB says it
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<std::string> tables_in_use(const Database& database) {
    std::vector<rocksdb::LiveFileMetaData> files;
    database.db().GetLiveFilesMetaData(&files);
    std::vector<std::string> names;
    for (const auto& file : files)
        names.push_back(file.name);
    std::sort(names.begin(), names.end());
    return names;
}

std::string page_key(std::size_t i) {
    return std::to_string(1000 + i);
}

TEST_CASE("reclaimer: nothing stays of a compaction that gave way to traffic", "[storage][rocksdb]") {
    Fixture fixture;
    RocksStoreOptions options = fixture.options();
    options.reclaim_interval = std::chrono::milliseconds(1);
    std::atomic<int> tables = 0;
    std::atomic<SpaceReclaimer*> traffic_for = nullptr;
    const auto watch = std::make_shared<TableWatch>([&] {
        tables += 1;
        if (SpaceReclaimer* reclaimer = traffic_for.exchange(nullptr))
            reclaimer->on_written(options.page_memtable_bytes); // enough for a compaction to give way
    });
    options.environment = std::shared_ptr<rocksdb::Env>(rocksdb::NewCompositeEnv(watch));

    std::filesystem::create_directories(options.directory);
    const auto path = options.directory / "db";
    Database database(path, options);
    rocksdb::WriteBatch pages;
    for (std::size_t i = 0; i < 100; ++i)
        pages.Put(database.family(Family::pages), page_key(i), std::string(1000, 'x'));
    REQUIRE(database.write(pages, false));
    REQUIRE(database.flush());
    rocksdb::WriteBatch settled; // what is left keeps the table, and comes into a new one
    for (std::size_t i = 0; i < 50; ++i)
        settled.SingleDelete(database.family(Family::pages), page_key(i));
    REQUIRE(database.write(settled, false));
    REQUIRE(database.flush());

    SpaceReclaimer reclaimer(database, options);
    tables = 0;
    traffic_for = &reclaimer;
    reclaimer.add({{Family::pages, page_key(0), page_key(99)}});
    // One that was given up, and one that was done; or the test times out.
    while (tables < 2 || tables_on_disk(path) != tables_in_use(database))
        std::this_thread::yield();
    CHECK(traffic_for == nullptr);
    CHECK(database.get(Family::pages, page_key(50)));
}

} // namespace
} // namespace storage::test
