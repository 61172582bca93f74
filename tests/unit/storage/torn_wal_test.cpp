// What a power cut, and what a bad disk leaves of the newest write-ahead log.
#include "storage/rocksdb/data_directory.hpp"
#include "storage/rocksdb/wal_file.hpp"
#include "tests/unit/storage/damage.hpp"

#include <catch2/catch.hpp>

#include <future>

namespace storage::test {
namespace {

using Catch::Matchers::Contains;

constexpr int before = 6; // commits that are synced one after the other,
constexpr int after = 4;  // and those that the damage may hit

std::string text(int number) {
    return std::to_string(number) + std::string(3000, 'x');
}

std::size_t messages_in(const RocksStoreOptions& options) {
    const auto store = open_rocksdb(options);
    const auto page = std::make_shared<std::promise<Store::Page>>();
    store->read(7, 0, SIZE_MAX, SIZE_MAX, [page](Store::Page got) { page->set_value(std::move(got)); });
    const Store::Page got = page->get_future().get();
    REQUIRE(got.ok);
    for (std::size_t i = 0; i < got.messages.size(); ++i)
        CHECK(got.messages[i].message->body() == text(static_cast<int>(i)));
    return got.messages.size();
}

// A store killed behind so many commits; where the log had ended after each. The file ends there as well, or in zeros.
class KilledStore {
 public:
    KilledStore() {
        write();
        end_at(ends.back());
    }

    void write() {
        const auto store = open_rocksdb(options());
        Sequence next = first_sequence(store->epoch());
        for (int i = 0; i < before + after; ++i) {
            Batch batch;
            batch.append(7, message(next++, text(i)));
            if (i < before)
                batch.promise();
            const auto said = std::make_shared<std::promise<Outcome>>();
            store->commit(store->open_shard(1), std::move(batch), [said](Outcome got) { said->set_value(got); });
            REQUIRE(said->get_future().get() == Outcome::durable);
            ends.push_back(read_wal(wal()).readable_end);
        }
    }

    void end_at(std::uint64_t end) const {
        std::filesystem::resize_file(wal(), end);
        std::filesystem::resize_file(wal(), end + zeros);
    }

    RocksStoreOptions options() {
        RocksStoreOptions result;
        result.directory = directory.path() / "store";
        result.log = [this](LogLevel, std::string_view line) { log += std::string(line) + '\n'; };
        return result;
    }

    std::filesystem::path wal() const { return newest_log(directory.path() / "store" / "db"); }

    // Sectors that never reached the disk.
    void lose(std::uint64_t begin, std::uint64_t end) { overwrite(wal(), begin, std::string(end - begin, '\0')); }

    std::size_t messages_after_start() { return messages_in(options()); }

    const std::uint64_t zeros = GENERATE(0, 5000, 4 << 20);
    TemporaryDirectory directory;
    std::vector<std::uint64_t> ends;
    std::string log;
};

std::uint64_t sector(std::uint64_t at) {
    return (at + 511) / 512 * 512;
}

TEST_CASE("log tail: a log without damage has no fault", "[storage][rocksdb][wal]") {
    const KilledStore store;
    const WalContents contents = read_wal(store.wal());
    CHECK(contents.faults.empty());
    CHECK(contents.batches == before + after + 1); // and the epoch's
    CHECK(contents.readable_end == store.ends.back());
    CHECK_FALSE(contents.is_torn());
}

TEST_CASE("log tail: zeros alone are an empty log", "[storage][rocksdb][wal]") {
    const KilledStore store;
    std::filesystem::resize_file(store.wal(), 0);
    std::filesystem::resize_file(store.wal(), 100'000);
    const WalContents contents = read_wal(store.wal());
    CHECK(contents.size == 0);
    CHECK(contents.faults.empty());
}

// What a kill leaves is what there is at any moment.
TEST_CASE("log tail: logs end in zeros while they are written, and only then", "[storage][rocksdb][wal]") {
    TemporaryDirectory directory;
    RocksStoreOptions options;
    options.directory = directory.path() / "store";
    options.page_memtable_bytes = 64 * 1024; // a new log now and then
    options.log = [](LogLevel, std::string_view) {};
    const auto killed = directory.path() / "killed";
    constexpr int messages = 300;
    {
        const auto store = open_rocksdb(options);
        const Sequence first = first_sequence(store->epoch());
        for (int i = 0; i < messages; ++i) {
            Batch batch;
            batch.append(7, message(first + static_cast<Sequence>(i), text(i)));
            REQUIRE(commit(*store, std::move(batch)) == Outcome::durable);
        }
        const auto wal = newest_log(options.directory / "db");
        CHECK(std::filesystem::file_size(wal) > read_wal(wal).size + 1'000'000);
        std::filesystem::copy(options.directory, killed, std::filesystem::copy_options::recursive);
    }
    const auto wal = newest_log(options.directory / "db");
    CHECK(std::filesystem::file_size(wal) == read_wal(wal).readable_end);
    options.directory = killed;
    CHECK(messages_in(options) == messages);
}

TEST_CASE("log tail: a torn record followed by zeros is cut, and nothing that was synced is lost",
          "[storage][rocksdb][wal]") {
    KilledStore store;
    const std::uint64_t end = store.ends.back();
    const int torn = GENERATE(range(before, before + after));
    const std::uint64_t begin = store.ends[static_cast<std::size_t>(torn) - 1];
    SECTION("from within the record to the end") {
        store.lose(sector(begin + 600), end);
    }
    bool noticed = true;
    SECTION("from its header on: as if it had never begun") {
        store.lose(begin, end);
        noticed = false;
    }
    SECTION("one sector of it; what was written behind it is there") {
        store.lose(sector(begin + 600), sector(begin + 600) + 512);
    }
    SECTION("the whole record; what was written behind it is there") {
        store.lose(begin, store.ends[static_cast<std::size_t>(torn)]);
        noticed = torn + 1 < before + after;
    }
    CHECK(store.messages_after_start() == static_cast<std::size_t>(torn));
    CHECK((store.log.find("a write that never ended, cut off") != std::string::npos) == noticed);
    store.log.clear();
    CHECK(store.messages_after_start() == static_cast<std::size_t>(torn));
    CHECK(store.log.find("cut off") == std::string::npos);
}

TEST_CASE("log tail: damage in what was synced refuses the start in a clear line", "[storage][rocksdb][wal]") {
    KilledStore store;
    const auto number = static_cast<std::size_t>(GENERATE(0, 2, before - 2));
    const std::uint64_t begin = store.ends[number];
    SECTION("a flipped bit") {
        flip(store.wal(), begin + 700);
    }
    SECTION("a lost sector") {
        store.lose(sector(begin + 600), sector(begin + 600) + 512);
    }
    SECTION("a lost record") {
        store.lose(begin, store.ends[number + 1]);
    }
    const RocksStoreOptions options = store.options();
    CHECK_THROWS_WITH(open_rocksdb(options), Contains("is damaged from octet " + std::to_string(begin)) &&
                                                 Contains("leveret repair " + options.directory.string()));
}

TEST_CASE("log tail: a flipped bit in the very last record is not taken for a torn one", "[storage][rocksdb][wal]") {
    KilledStore store;
    flip(store.wal(), store.ends.back() - 500);
    CHECK_THROWS_WITH(open_rocksdb(store.options()), Contains("leveret repair"));
}

TEST_CASE("log tail: a log that is cut anywhere starts with what is whole", "[storage][rocksdb][wal]") {
    KilledStore store;
    const auto whole = static_cast<std::size_t>(GENERATE(as<int>{}, before, before + 2));
    const std::uint64_t begin = store.ends[whole - 1];
    const std::uint64_t end = store.ends[whole];
    const std::uint64_t cut =
        GENERATE_COPY(begin + 1, begin + 4, begin + 5, begin + 6, begin + 7, end - 100, end - 2, end - 1);
    CAPTURE(begin, end, cut);
    store.end_at(cut);
    CHECK(store.messages_after_start() == whole);
}

TEST_CASE("log tail: a log is cut where no sentinel names it yet", "[storage][rocksdb][wal]") {
    KilledStore store;
    REQUIRE_FALSE(write_sentinel(store.options().directory, 0)); // as after a clean close, or never started
    store.end_at(store.ends[0] - 100);
    CHECK(store.messages_after_start() == 0);
}

TEST_CASE("log tail: a claim is read back, and nothing else is", "[storage][rocksdb][wal]") {
    CHECK(decode_sync_claim(encode_sync_claim(77)) == 77);
    CHECK(decode_sync_claim(std::string("\x01\x07\0\0\0\0\0\0\0", 9)) == 7); // the version before
    CHECK_FALSE(decode_sync_claim(encode_sync_claim(77) + "x").has_value());
    CHECK_FALSE(decode_sync_claim(encode_sync_claim(77).substr(0, 9)).has_value());
    CHECK_FALSE(decode_sync_claim("").has_value());
}

} // namespace
} // namespace storage::test
