// A directory for a store on disk, what the store says, and the database behind its back.
#pragma once

#include "storage/rocksdb/database.hpp"
#include "tests/unit/storage/store_under_test.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <mutex>

namespace storage::test {

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

} // namespace storage::test
