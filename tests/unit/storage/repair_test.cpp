// leveret repair: whatever is damaged, a store that starts and verifies is left, what is lost is said, and no body is
// there that was not written.
#include "storage/rocksdb/key_codec.hpp"
#include "tests/unit/storage/damage.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

namespace storage::test {
namespace {

using End = DamagedStore::End;

std::string page_key(Sequence offset) {
    return encode_key(PageKey{paged_queue, first_sequence(1) + offset});
}

std::vector<std::string> bodies(QueueId queue, int first, int end, bool with_settled = false) {
    std::vector<std::string> result;
    for (int i = first; i < end; ++i)
        if (with_settled || queue != paged_queue || i % 10 != 0)
            result.push_back(body_of(queue, i));
    return result;
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

// In order, and nothing but what was written.
void check_only_written(const std::vector<std::string>& found, QueueId queue, int end) {
    const auto written = bodies(queue, 0, end, true);
    auto at = written.begin();
    for (const std::string& body : found) {
        at = std::find(at, written.end(), body);
        REQUIRE(at != written.end());
    }
}

TEST_CASE("repair: a store without damage is left alone", "[storage][repair]") {
    DamagedStore store(GENERATE(End::closed, End::killed));
    const auto repaired = repair_rocksdb(store.path(), [](std::string_view) {});
    CHECK_FALSE(repaired.changed);
    CHECK(repaired.original.empty());
    CHECK(repaired.contents.messages == 565);
}

TEST_CASE("repair: of a damaged page its messages are lost, and counted", "[storage][repair]") {
    DamagedStore store(GENERATE(End::closed, End::killed));
    store.damage_value(Family::pages, page_key(200));
    const auto said = store.repair();
    CAPTURE(said.lines);
    CHECK(said.has("lost: 180 messages of 540 in queue 'paged' of virtual host '/'"));
    CHECK(store.bodies(paged_queue) == bodies(paged_queue, 0, 200) + bodies(paged_queue, 400, 600));
    CHECK(store.bodies(young_queue) == bodies(young_queue, 0, 20));
}

TEST_CASE("repair: without its ack row a page comes back whole", "[storage][repair]") {
    DamagedStore store(End::closed);
    store.damage_value(Family::acks, page_key(0));
    const auto said = store.repair();
    CHECK(said.has("20 messages that were settled come back"));
    CHECK(store.bodies(paged_queue) == bodies(paged_queue, 0, 200, true) + bodies(paged_queue, 200, 600));
}

TEST_CASE("repair: a queue without its row is counted anew", "[storage][repair]") {
    DamagedStore store(End::closed);
    store.damage_value(Family::queues, encode_key(paged_queue));
    const auto said = store.repair();
    CHECK(said.has("queue 'paged' of virtual host '/': counted anew, 540 messages"));
    CHECK(store.bodies(paged_queue) == bodies(paged_queue, 0, 600));
}

TEST_CASE("repair: of a damaged value of the commit log the rest is kept", "[storage][repair]") {
    DamagedStore store(GENERATE(End::closed, End::killed));
    store.damage_value(Family::log, encode_key(first_sequence(2) + 1));
    CHECK_THROWS_WITH(open_rocksdb(store.options()), Catch::Contains("leveret repair"));
    const auto said = store.repair();
    CAPTURE(said.lines);
    CHECK(said.has("it seems to have held 5 messages of queue 'young'"));
    CHECK(store.bodies(young_queue) == bodies(young_queue, 0, 5) + bodies(young_queue, 10, 20));
    CHECK(store.bodies(paged_queue) == bodies(paged_queue, 0, 600));
}

TEST_CASE("repair: messages that a lost value had moved to pages are not there twice", "[storage][repair]") {
    DamagedStore store(End::closed);
    {
        const auto opened = open_rocksdb(store.options());
        Sequence next = first_sequence(opened->epoch());
        Batch settle;
        settle.settle(young_queue, first_sequence(2), 20);
        REQUIRE(commit(*opened, std::move(settle)) == Outcome::durable);
        Batch few;
        few.append(second_queue, message(next++, body_of(second_queue, 5))); // keeps its value in the log
        for (int i = 0; i < 20; ++i)
            few.append(young_queue, message(next++, body_of(young_queue, i)));
        REQUIRE(commit(*opened, std::move(few)) == Outcome::durable);
        Batch many; // for one queue: they and all before them go to pages, which this group's value says
        for (int i = 20; i < 420; ++i)
            many.append(young_queue, message(next++, body_of(young_queue, i)));
        REQUIRE(commit(*opened, std::move(many)) == Outcome::durable);
        opened->close();
    }
    REQUIRE(store.verify().lines.empty());
    store.damage_value(Family::log, encode_key(first_sequence(3) + 1));
    store.repair();
    CHECK(store.bodies(young_queue) == bodies(young_queue, 0, 420));
    CHECK(store.bodies(second_queue) == bodies(second_queue, 0, 6));
}

TEST_CASE("repair: a damaged record is lost, its messages are found again", "[storage][repair]") {
    DamagedStore store(End::closed);
    store.tamper([](Database& opened) {
        const std::string key = encode_key(1, {RecordType::queue, "second"});
        REQUIRE(opened.db().Put({}, opened.family(Family::records), key, "\x01").ok());
    });
    const auto said = store.repair();
    CHECK(said.has("lost: queue 'second' of virtual host '/'"));
    CHECK(said.has("queue 'recovered-9' has messages whose queue is lost"));
    const auto recovered = store.open_and_recover();
    CHECK(recovered.records.contains({2, {RecordType::queue, "recovered-9"}}));
    CHECK(recovered.records.contains({node_shard, {RecordType::virtual_host, "recovered-2"}}));
    CHECK(store.bodies(second_queue) == bodies(second_queue, 0, 5));
}

TEST_CASE("repair: what is in a virtual host without a record gets one", "[storage][repair]") {
    DamagedStore store(End::closed);
    store.tamper([](Database& opened) {
        const std::string key = encode_key(node_shard, {RecordType::virtual_host, "/"});
        REQUIRE(opened.db().Put({}, opened.family(Family::records), key, "\x01").ok());
    });
    store.repair();
    const auto recovered = store.open_and_recover();
    const auto record = recovered.records.find({node_shard, {RecordType::virtual_host, "recovered-1"}});
    REQUIRE(record != recovered.records.end());
    CHECK(decode_record<VirtualHostRecord>(record->second)->shard == 1);
    CHECK(store.bodies(paged_queue) == bodies(paged_queue, 0, 600));
}

TEST_CASE("repair: numbers go on behind everything when the epoch is lost", "[storage][repair]") {
    DamagedStore store(End::closed);
    store.tamper([](Database& opened) {
        for (const std::string_view row : {node_rows::epoch, node_rows::format, node_rows::clean})
            REQUIRE(opened.db().Delete({}, opened.family(Family::node), slice(row)).ok());
    });
    store.repair();
    const auto opened = open_rocksdb(store.options());
    CHECK(opened->epoch() == 3);
    opened->close();
}

TEST_CASE("repair: damage in the synced part of the log loses only what was there", "[storage][repair]") {
    DamagedStore store(End::killed);
    const auto wal = newest_log(store.database());
    flip(wal, std::filesystem::file_size(wal) / 2);
    CHECK_THROWS_WITH(open_rocksdb(store.options()), Catch::Contains("leveret repair"));
    CHECK(store.verify().has("changes are lost"));
    const auto said = store.repair();
    CAPTURE(said.lines);
    CHECK(store.bodies(paged_queue) == bodies(paged_queue, 0, 600));
    const auto found = store.bodies(young_queue);
    CHECK(found.size() < 20);
    check_only_written(found, young_queue, 20);
}

TEST_CASE("repair: of a log with records of several blocks all that are whole are kept", "[storage][repair]") {
    DamagedStore store(End::closed);
    constexpr int batches = 12;
    constexpr int of_each = 150;
    {
        const auto opened = open_rocksdb(store.options());
        Sequence next = first_sequence(opened->epoch());
        for (int i = 20; i < 20 + batches * of_each; i += of_each) {
            Batch batch;
            for (int number = i; number < i + of_each; ++number)
                batch.append(young_queue, message(next++, body_of(young_queue, number)));
            REQUIRE(commit(*opened, std::move(batch)) == Outcome::durable);
        }
    }
    const auto wal = newest_log(store.database());
    flip(wal, std::filesystem::file_size(wal) * static_cast<std::uint64_t>(GENERATE(2, 5, 8)) / 10);
    const auto said = store.repair();
    CAPTURE(said.lines);
    const auto found = store.bodies(young_queue);
    CHECK(found.size() == 20 + (batches - 1) * of_each);
    check_only_written(found, young_queue, 20 + batches * of_each);
}

TEST_CASE("repair: a missing log, and a sentinel that cannot be read", "[storage][repair]") {
    DamagedStore store(End::killed);
    if (GENERATE(false, true))
        std::filesystem::remove(newest_log(store.database()));
    else
        overwrite(store.path() / "sentinel", 3, "x");
    CHECK(store.verify().has("is damaged"));
    store.repair();
    CHECK(store.bodies(paged_queue) == bodies(paged_queue, 0, 600));
    check_only_written(store.bodies(young_queue), young_queue, 20);
}

std::vector<std::filesystem::path> tables(const DamagedStore& store) {
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(store.database()))
        if (file.path().extension() == ".sst")
            files.push_back(file.path());
    std::sort(files.begin(), files.end());
    return files;
}

TEST_CASE("repair: a flipped bit anywhere in a table never makes a wrong body", "[storage][repair]") {
    DamagedStore pristine(End::closed);
    const std::size_t number = GENERATE(range<std::size_t>(0, 8));
    const double where = GENERATE(0.02, 0.4, 0.99);
    const auto files = tables(pristine);
    if (number >= files.size())
        return;
    const auto size = std::filesystem::file_size(files[number]);
    const auto at = static_cast<std::uint64_t>(where * static_cast<double>(size));
    CAPTURE(files[number], at, size);
    flip(files[number], at);
    std::vector<std::string> said;
    const auto repaired = repair_rocksdb(pristine.path(), [&](std::string_view line) { said.emplace_back(line); });
    CAPTURE(said);
    if (!repaired.changed) // nobody reads that bit
        CHECK(repaired.contents.messages == 565);
    CHECK(pristine.verify().lines.empty());
    const auto recovered = pristine.open_and_recover();
    for (const auto& [queue, count] :
         {std::pair(paged_queue, 600), std::pair(young_queue, 20), std::pair(second_queue, 5)})
        check_only_written(pristine.bodies(queue), queue, count);
}

TEST_CASE("repair: a table that is gone, or a manifest", "[storage][repair]") {
    DamagedStore store(End::closed);
    const std::string gone = GENERATE("table", "MANIFEST", "CURRENT");
    CAPTURE(gone);
    for (const auto& file : std::filesystem::directory_iterator(store.database()))
        if (file.path().filename().string().starts_with(gone))
            std::filesystem::remove(file.path());
    if (gone == "table")
        std::filesystem::remove(tables(store).front());
    CHECK_THROWS(open_rocksdb(store.options()));
    CHECK_FALSE(store.verify().lines.empty());
    std::vector<std::string> said;
    repair_rocksdb(store.path(), [&](std::string_view line) { said.emplace_back(line); });
    CAPTURE(said);
    CHECK(store.verify().lines.empty());
    for (const auto& [queue, count] : {std::pair(paged_queue, 600), std::pair(young_queue, 20)}) {
        const auto found = store.bodies(queue);
        check_only_written(found, queue, count);
        if (gone != "table")
            CHECK(found.size() >= bodies(queue, 0, count).size());
    }
}

} // namespace
} // namespace storage::test
