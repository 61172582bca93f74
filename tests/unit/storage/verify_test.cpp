// leveret verify: a store without findings has none, every kind of damage is one, and nothing is changed.
#include "storage/rocksdb/key_codec.hpp"
#include "tests/unit/storage/damage.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <map>
#include <sstream>

namespace storage::test {
namespace {

using Catch::Matchers::Contains;
using End = DamagedStore::End;

std::map<std::string, std::string> files_of(const std::filesystem::path& directory) {
    std::map<std::string, std::string> files;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
        std::ifstream stream(file.path(), std::ios::binary);
        std::ostringstream content;
        content << stream.rdbuf();
        files[file.path().string()] = content.str();
    }
    return files;
}

TEST_CASE("verify: a store without damage has no findings, and is left as it was", "[storage][verify]") {
    const End end = GENERATE(End::closed, End::killed);
    DamagedStore store(end);
    const auto before = files_of(store.path());
    std::vector<std::string> findings;
    const auto verified = verify_rocksdb(
        store.path(), [&](std::string_view line) { findings.emplace_back(line); }, [](std::string_view) {});
    CHECK(findings == std::vector<std::string>{});
    CHECK(verified.contents.records == 7);
    CHECK(verified.contents.queues == 3);
    CHECK(verified.contents.messages == 540 + 5 + 20);
    CHECK(verified.contents.log_values == 4);
    CHECK(files_of(store.path()) == before);
}

struct Damage {
    const char* name;
    std::function<void(DamagedStore&)> cause;
    const char* finding;
};

std::string page_key(Sequence offset) {
    return encode_key(PageKey{paged_queue, first_sequence(1) + offset});
}

TEST_CASE("verify: says what is damaged, and where", "[storage][verify]") {
    const Damage damage = GENERATE(values<Damage>({
        {"page", [](DamagedStore& s) { s.damage_value(Family::pages, page_key(200)); },
         "queue 'paged' of virtual host '/', page"},
        {"page", [](DamagedStore& s) { s.damage_value(Family::pages, page_key(200)); }, "wrong checksum"},
        {"counts", [](DamagedStore& s) { s.damage_value(Family::pages, page_key(200)); },
         "its row says 540 messages"},
        {"missing page",
         [](DamagedStore& s) {
             s.tamper([](Database& opened) {
                 REQUIRE(opened.db().Delete({}, opened.family(Family::pages), page_key(400)).ok());
             });
         },
         "there are acks, and no page"},
        {"acks", [](DamagedStore& s) { s.damage_value(Family::acks, page_key(0)); }, "ack row"},
        {"queue row", [](DamagedStore& s) { s.damage_value(Family::queues, encode_key(paged_queue)); },
         "queue 'paged' of virtual host '/': queue row has a wrong checksum"},
        {"log value", [](DamagedStore& s) { s.damage_value(Family::log, encode_key(first_sequence(2) + 1)); },
         "wrong checksum; it seems to have held 5 messages of queue 'young'"},
        {"missing log value",
         [](DamagedStore& s) {
             s.tamper([](Database& opened) {
                 REQUIRE(opened.db().Delete({}, opened.family(Family::log), encode_key(first_sequence(2) + 1)).ok());
             });
         },
         "are missing"},
        {"record",
         [](DamagedStore& s) {
             s.tamper([](Database& opened) {
                 const std::string key = encode_key(1, {RecordType::queue, "second"});
                 REQUIRE(opened.db().Put({}, opened.family(Family::records), key, "\x01").ok());
             });
         },
         "queue 'second' of virtual host '/': stored record is damaged"},
        {"epoch",
         [](DamagedStore& s) {
             s.tamper([](Database& opened) {
                 REQUIRE(opened.db().Put({}, opened.family(Family::node), slice(node_rows::epoch), "1").ok());
             });
         },
         "the node row 'epoch' is damaged"},
        {"sentinel", [](DamagedStore& s) { overwrite(s.path() / "sentinel", 3, "x"); }, "sentinel cannot be read"},
    }));
    DamagedStore store(End::closed);
    damage.cause(store);
    CAPTURE(damage.name);
    const auto before = files_of(store.path());
    const auto said = store.verify();
    CAPTURE(said.lines);
    CHECK(said.has(damage.finding));
    CHECK(files_of(store.path()) == before);
}

TEST_CASE("verify: pages that are drained do no harm", "[storage][verify]") {
    DamagedStore store(End::closed);
    store.tamper([](Database& opened) {
        auto* const pages = opened.family(Family::pages);
        REQUIRE(opened.db().Put({}, pages, encode_key(PageKey{paged_queue, 5}), "below its head").ok());
        REQUIRE(opened.db().Put({}, pages, encode_key(PageKey{1234, 5}), "of no queue").ok());
    });
    CHECK(store.verify().lines.empty());
}

TEST_CASE("verify: what is no data directory, or in use, or newer, is refused in one line", "[storage][verify]") {
    const auto verify = [](const std::filesystem::path& path) {
        verify_rocksdb(path, [](std::string_view) {}, [](std::string_view) {});
    };
    const TemporaryDirectory directory;
    const auto path = directory.path() / "it";
    CHECK_THROWS_WITH(verify(path), Contains("is not there, or is not a directory"));
    std::ofstream(path) << "a file";
    CHECK_THROWS_WITH(verify(path), Contains("is not there, or is not a directory"));
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    CHECK_THROWS_WITH(verify(path), Contains("holds no data of Leveret"));

    rocksdb::DB* foreign = nullptr;
    rocksdb::Options options;
    options.create_if_missing = true;
    REQUIRE(rocksdb::DB::Open(options, (path / "db").string(), &foreign).ok());
    delete foreign;
    const auto before = files_of(path);
    CHECK_THROWS_WITH(verify(path), Contains("database of another program"));
    CHECK_THROWS_WITH(repair_rocksdb(path, [](std::string_view) {}), Contains("database of another program"));
    CHECK(files_of(path).size() == before.size() + 1); // the lock

    DamagedStore store(End::closed);
    {
        const auto open = open_rocksdb(store.options());
        CHECK_THROWS_WITH(verify(store.path()), Contains("is in use by another process"));
        CHECK_THROWS_WITH(repair_rocksdb(store.path(), [](std::string_view) {}), Contains("is in use"));
        open->close();
    }
    store.tamper([](Database& opened) {
        const std::string newer("\x02\0\0\0", 4);
        REQUIRE(opened.db().Put({}, opened.family(Family::node), slice(node_rows::format), newer).ok());
    });
    CHECK_THROWS_WITH(verify(store.path()), "the store has format 2, this program reads format 1");
    CHECK_THROWS_WITH(repair_rocksdb(store.path(), [](std::string_view) {}), Contains("has format 2"));
}

} // namespace
} // namespace storage::test
