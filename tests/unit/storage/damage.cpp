#include "tests/unit/storage/damage.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <future>

namespace storage::test {
namespace {

template <class Record>
void put(Batch& batch, const Record& record) {
    batch.put(key_of(record), encode_record(record));
}

void put_records(Store& store) {
    Batch node;
    put(node, VirtualHostRecord{"/", 1, "", {}, "", false, false});
    put(node, UserRecord{"guest", "", "", {"administrator"}, {}});
    put(node, PermissionRecord{"guest", "/", ".*", ".*", ".*"});
    const auto said = std::make_shared<std::promise<void>>();
    store.commit(store.open_shard(node_shard), std::move(node), [said](Outcome) { said->set_value(); });
    said->get_future().wait();
    Batch batch;
    put(batch, QueueRecord{"paged", paged_queue, false, false, ""});
    put(batch, QueueRecord{"young", young_queue, false, false, ""});
    put(batch, QueueRecord{"second", second_queue, false, false, ""});
    put(batch, BindingRecord{"amq.topic", "paged", DestinationType::queue, "a.#", ""});
    REQUIRE(commit(store, std::move(batch)) == Outcome::durable);
}

void append(Store& store, QueueId queue, Sequence& next, int first, int count) {
    Batch batch;
    for (int i = first; i < first + count; ++i)
        batch.append(queue, message(next++, body_of(queue, i)));
    REQUIRE(commit(store, std::move(batch)) == Outcome::durable);
}

} // namespace

std::string body_of(QueueId queue, int number) {
    return "queue " + std::to_string(queue) + " message " + std::to_string(number) + std::string(300, '.');
}

Outcome commit(Store& store, Batch batch) {
    batch.promise();
    const auto said = std::make_shared<std::promise<Outcome>>();
    store.commit(store.open_shard(1), std::move(batch), [said](Outcome outcome) { said->set_value(outcome); });
    return said->get_future().get();
}

DamagedStore::DamagedStore(End end) {
    {
        RocksStoreOptions all_in_pages = options();
        all_in_pages.commit_log_bytes = 0;
        const auto store = open_rocksdb(all_in_pages);
        put_records(*store);
        const Sequence first = first_sequence(store->epoch());
        Sequence next = first;
        for (int i = 0; i < 600; i += 200)
            append(*store, paged_queue, next, i, 200);
        append(*store, second_queue, next, 0, 5);
        Batch settle;
        for (Sequence i = 0; i < 600; i += 10)
            settle.settle(paged_queue, first + i);
        REQUIRE(commit(*store, std::move(settle)) == Outcome::durable);
        store->close();
    }
    const auto store = open_rocksdb(options());
    Sequence next = first_sequence(store->epoch());
    for (int i = 0; i < 20; i += 5)
        append(*store, young_queue, next, i, 5);
    if (end == End::closed)
        store->close();
}

RocksStoreOptions DamagedStore::options() {
    RocksStoreOptions result;
    result.directory = path_;
    result.log = [this](LogLevel, std::string_view line) {
        const std::lock_guard lock(mutex_);
        log += std::string(line) + '\n';
    };
    return result;
}

void DamagedStore::tamper(const std::function<void(Database&)>& change) {
    RocksStoreOptions quiet;
    quiet.log = [](LogLevel, std::string_view) {};
    Database opened(database(), quiet);
    change(opened);
}

void DamagedStore::damage_value(Family family, std::string_view key) {
    tamper([&](Database& opened) {
        std::string value = opened.get(family, key).value();
        value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
        REQUIRE(opened.db().Put({}, opened.family(family), slice(key), value).ok());
    });
}

std::string DamagedStore::first_key(Family family) {
    std::string key;
    tamper([&](Database& opened) {
        const auto at = opened.iterate(family);
        at->SeekToFirst();
        REQUIRE(at->Valid());
        key = at->key().ToString();
    });
    return key;
}

bool DamagedStore::Said::has(std::string_view text) const {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

DamagedStore::Said DamagedStore::verify() {
    Said said;
    verify_rocksdb(path_, [&](std::string_view line) { said.lines.emplace_back(line); }, [](std::string_view) {});
    return said;
}

DamagedStore::Said DamagedStore::repair() {
    Said said;
    const auto repaired = repair_rocksdb(path_, [&](std::string_view line) { said.lines.emplace_back(line); });
    CHECK(repaired.changed);
    CHECK(std::filesystem::exists(repaired.original / "db" / "CURRENT"));
    CHECK(verify().lines.empty());
    return said;
}

Recovered DamagedStore::open_and_recover() {
    const auto store = open_rocksdb(options());
    Recovered recovered;
    store->recover(recovered);
    store->close();
    return recovered;
}

std::vector<std::string> DamagedStore::bodies(QueueId queue) {
    const auto store = open_rocksdb(options());
    const auto page = std::make_shared<std::promise<Store::Page>>();
    store->read(queue, 0, SIZE_MAX, SIZE_MAX, [page](Store::Page got) { page->set_value(std::move(got)); });
    const Store::Page got = page->get_future().get();
    CHECK(got.ok);
    std::vector<std::string> result;
    for (const auto& each : got.messages)
        result.emplace_back(each.message->body());
    store->close();
    return result;
}

void overwrite(const std::filesystem::path& file, std::uint64_t at, std::string_view octets) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(at));
    REQUIRE(stream.write(octets.data(), static_cast<std::streamsize>(octets.size())));
}

void flip(const std::filesystem::path& file, std::uint64_t at) {
    std::fstream stream(file, std::ios::in | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(at));
    const char octet = static_cast<char>(stream.get() ^ 0x10);
    overwrite(file, at, {&octet, 1});
}

} // namespace storage::test
