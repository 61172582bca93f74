// Groups that are held open until consumers have settled their messages.
#include "storage/rocksdb/elision_hold.hpp"
#include "storage/rocksdb/wal_file.hpp"
#include "tests/unit/storage/store_under_test.hpp"

#include <catch2/catch.hpp>

#include <future>

namespace storage::test {
namespace {

using namespace std::chrono_literals;

// A store that holds its groups for as long as nothing ends it.
struct PatientStore {
    PatientStore() {
        RocksStoreOptions options;
        options.directory = directory.path() / "store";
        options.longest_hold = options.hold_patience = 1h;
        store = open_rocksdb(options);
        next = first_sequence(store->epoch());
    }

    std::future<Outcome> commit(Batch batch) {
        const auto said = std::make_shared<std::promise<Outcome>>();
        store->commit(store->open_shard(1), std::move(batch), [said](Outcome outcome) { said->set_value(outcome); });
        return said->get_future();
    }

    // How much had been written when it was complete.
    std::future<std::uint64_t> commit_and_measure(Batch batch) {
        const auto said = std::make_shared<std::promise<std::uint64_t>>();
        store->commit(store->open_shard(1), std::move(batch), [this, said](Outcome) { said->set_value(log_size()); });
        return said->get_future();
    }

    Batch appending(QueueId queue, std::size_t count = 1) {
        Batch batch;
        for (; count > 0; --count)
            batch.append(queue, message(next++));
        batch.promise_appends();
        return batch;
    }

    static Batch settling(QueueId queue, Sequence first, std::uint64_t count = 1) {
        Batch batch;
        batch.settle(queue, first, count);
        batch.promise_appends(); // of which there are none
        return batch;
    }

    static Batch barrier() {
        Batch batch;
        batch.promise();
        return batch;
    }

    std::uint64_t log_size() const { // of the write-ahead log: of everything that was written
        std::uint64_t size = 0;
        for (const auto& file : std::filesystem::directory_iterator(directory.path() / "store" / "db"))
            if (file.path().extension() == ".log")
                size += read_wal(file.path()).size;
        return size;
    }

    TemporaryDirectory directory;
    std::unique_ptr<Store> store;
    Sequence next = 0;
};

bool durable(std::future<Outcome>& future) {
    return future.wait_for(60s) == std::future_status::ready && future.get() == Outcome::durable;
}

TEST_CASE("hold: messages settled while their group is held are confirmed and never written", "[storage][rocksdb]") {
    PatientStore patient;
    const std::uint64_t before = patient.log_size();
    auto first = patient.commit(patient.appending(1, 3));
    auto second = patient.commit(patient.appending(2));
    const Sequence begin = first_sequence(patient.store->epoch());
    auto third = patient.commit(PatientStore::settling(1, begin, 3));
    SECTION("all of them") {
        auto last = patient.commit(PatientStore::settling(2, begin + 3));
        CHECK(durable(first));
        CHECK(durable(second));
        CHECK(durable(third));
        CHECK(durable(last));
    }
    SECTION("before others of their group") {
        CHECK(durable(first));
        CHECK(second.wait_for(0s) == std::future_status::timeout); // nobody has settled it, and the hold has no end
    }
    CHECK(patient.log_size() == before);
}

TEST_CASE("hold: what has moved is confirmed when it is on disk", "[storage][rocksdb]") {
    PatientStore patient;
    const std::uint64_t before = patient.log_size();
    auto published = patient.commit_and_measure(patient.appending(1));
    Batch moving = patient.appending(2);
    moving.settle_moved(1, first_sequence(patient.store->epoch()));
    auto moved = patient.commit(std::move(moving));
    CHECK(patient.commit(PatientStore::barrier()).get() == Outcome::durable);
    CHECK(published.get() > before);
    CHECK(durable(moved));
}

// Whoever is told that a commit is durable takes it for a sign that records before it are.
TEST_CASE("hold: nothing is confirmed before the records that came earlier, promised or not", "[storage][rocksdb]") {
    PatientStore patient;
    const std::uint64_t before = patient.log_size();
    Batch change;
    change.put({RecordType::queue, "q"}, "changed");
    patient.commit(std::move(change));
    Batch published = patient.appending(1);
    published.settle(1, patient.next - 1); // its consumer was quick
    CHECK(patient.commit_and_measure(std::move(published)).get() > before);
}

TEST_CASE("hold: a transaction is confirmed when its acknowledgements are on disk", "[storage][rocksdb]") {
    PatientStore patient;
    const Sequence old = patient.next;
    auto published = patient.commit(patient.appending(1));
    CHECK(patient.commit(PatientStore::barrier()).get() == Outcome::durable);
    const std::uint64_t before = patient.log_size();
    Batch transaction = patient.appending(2);
    transaction.settle(2, patient.next - 1); // its consumer was quick
    transaction.settle(1, old);
    transaction.promise();
    CHECK(patient.commit_and_measure(std::move(transaction)).get() > before);
}

TEST_CASE("hold: ends when somebody waits who is not a publisher", "[storage][rocksdb]") {
    PatientStore patient;
    auto published = patient.commit(patient.appending(1));
    SECTION("for a declaration") {
        Batch declaration;
        declaration.put({RecordType::queue, "new"}, "value");
        declaration.promise();
        auto declared = patient.commit(std::move(declaration));
        CHECK(durable(declared));
    }
    SECTION("for everything before to be durable") {
        auto barrier = patient.commit(PatientStore::barrier());
        CHECK(durable(barrier));
    }
    SECTION("for a page") {
        std::promise<std::size_t> messages;
        patient.store->read(1, 0, 10, 1000, [&](Store::Page page) { messages.set_value(page.messages.size()); });
        CHECK(messages.get_future().get() == 1);
    }
    SECTION("for the store to close") {
        patient.store->close();
    }
    CHECK(durable(published));
}

TEST_CASE("hold: a queue with a backlog is not waited for", "[storage][rocksdb]") {
    PatientStore patient;
    auto backlog = patient.commit(patient.appending(1, 5));
    CHECK(patient.commit(PatientStore::barrier()).get() == Outcome::durable);
    CHECK(durable(backlog));
    auto published = patient.commit(patient.appending(1, 4));
    CHECK(durable(published));
}

TEST_CASE("hold: is tried ever more seldom where consumers do not settle in time", "[storage]") {
    ElisionHold hold;
    std::vector<int> groups_between;
    for (int since = 0; groups_between.size() < 12;) {
        if (hold.pays()) {
            groups_between.push_back(since);
            since = 0;
        } else {
            ++since;
        }
        hold.learn(10, 4);
    }
    CHECK(groups_between == std::vector<int>{0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024});
    CHECK_FALSE(hold.pays());
    hold.learn(0, 0); // says nothing
    CHECK_FALSE(hold.pays());
    hold.learn(10, 5); // without a hold, even
    CHECK(hold.pays());
}

// A consumer that acknowledges every hundredth time settles one group of a hundred in time.
TEST_CASE("hold: a rare success does not bring many attempts", "[storage]") {
    ElisionHold hold;
    int attempts = 0;
    for (int group = 0; group < 100'000; ++group) {
        attempts += hold.pays() ? 1 : 0;
        hold.learn(1, group % 100 == 99 ? 1 : 0);
    }
    CHECK(attempts < 3'000);
}

} // namespace
} // namespace storage::test
