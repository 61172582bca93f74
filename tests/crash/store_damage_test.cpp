// Bits that flip on the disk: the store refuses to start, or says what it cannot read. It never gives out another body
// than was published, and never leaves out a message, or brings one back, without a word.
#include "storage/rocksdb_store.hpp"
#include "tests/crash/canned_workload.hpp"
#include "tests/crash/scratch.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <future>
#include <iostream>
#include <map>

namespace storage::test {
namespace {

namespace fs = std::filesystem;

using Files = std::map<std::string, std::string>; // by their path in the data directory

constexpr QueueId queues = 4; // of the canned workload

Files read_files(const fs::path& directory) {
    Files files;
    for (const auto& file : fs::recursive_directory_iterator(directory)) {
        const std::string name = fs::relative(file.path(), directory).string();
        if (!file.is_regular_file() || name == "lock" || name == "reserve" || name.find("/LOG") != std::string::npos)
            continue;
        std::ifstream in(file.path(), std::ios::binary);
        files[name] = {std::istreambuf_iterator<char>(in), {}};
    }
    return files;
}

void write_files(const fs::path& directory, const Files& files) {
    fs::remove_all(directory);
    fs::create_directories(directory / "db");
    for (const auto& [name, content] : files)
        std::ofstream(directory / name, std::ios::binary) << content;
}

// What a store on some files has to say.
struct Findings {
    bool refused = false;
    bool reported = false; // by the log, or with a page that could not be read
    std::set<MessageId> messages;
    std::string wrong_bodies;
    std::string text;
};

Findings look(const fs::path& directory) {
    Findings found;
    std::mutex mutex;
    RocksStoreOptions options;
    options.directory = directory;
    options.reserve_bytes = 0;
    options.log = [&](LogLevel level, std::string_view line) {
        const std::lock_guard lock(mutex);
        found.reported |= level != LogLevel::info;
        found.text += std::string(line) + '\n';
    };
    try {
        const auto store = open_rocksdb(options);
        struct Ignored final : RecoveryVisitor {
            void on_record(ShardId, RecordKey, std::string_view) override {}
            void on_queue(const QueueState&) override {}
        } ignored;
        store->recover(ignored);
        for (QueueId queue = 1; queue <= queues; ++queue) {
            std::promise<Store::Page> said;
            store->read(queue, 0, SIZE_MAX, SIZE_MAX, [&said](Store::Page page) { said.set_value(std::move(page)); });
            const Store::Page page = said.get_future().get();
            found.reported |= !page.ok;
            for (const auto& each : page.messages) {
                found.messages.insert({queue, each.sequence});
                if (each.message->body() != body_of({queue, each.sequence}))
                    found.wrong_bodies += body_of({queue, each.sequence}) + ' ';
            }
        }
    } catch (const std::runtime_error& error) {
        found.refused = true;
        found.text += error.what();
    }
    return found;
}

struct Kind {
    const char* name;
    std::size_t commit_log_bytes;
    bool closed; // else it ends as a killed process does, with everything in the write-ahead log
};

struct Tally {
    int refused = 0;
    int reported = 0;
    int without_effect = 0;
    int torn_tail = 0;
};

// A flip in the lengths of a log's last record cannot be told from a record that a power cut tore.
bool is_log(const std::string& name) {
    return name.ends_with(".log");
}

void flip_bits(const Kind& kind, std::uint64_t seed, int flips) {
    std::mt19937_64 random(seed);
    const Directory directory;
    {
        RocksStoreOptions options;
        options.directory = directory.path;
        options.commit_log_bytes = kind.commit_log_bytes;
        options.reserve_bytes = 0;
        const auto store = open_rocksdb(options);
        Memory ignored;
        run_canned(*store, ignored);
        if (kind.closed)
            store->close();
    }
    Files files = read_files(directory.path);
    std::vector<std::pair<std::string, std::size_t>> targets;
    for (auto& [name, content] : files) {
        if (!content.empty())
            targets.emplace_back(name, content.size());
        if (is_log(name) && !kind.closed)
            content.append(100'000, '\0'); // as a process leaves them that was killed
    }
    write_files(directory.path, files);
    const Findings whole = look(directory.path);
    REQUIRE_FALSE(whole.refused);
    REQUIRE(whole.messages.size() > 30);
    Tally tally;
    for (int flip = 0; flip < flips; ++flip) {
        const bool data = random() % 10 < 8; // else any file: manifests, CURRENT, the sentinel
        std::size_t target = 0;
        do
            target = random() % targets.size();
        while (data && !is_log(targets[target].first) && !targets[target].first.ends_with(".sst"));
        const auto& [name, size] = targets[target];
        const std::size_t at = random() % size;
        const int bit = static_cast<int>(random() % 8);
        Files damaged = files;
        damaged[name][at] = static_cast<char>(damaged[name][at] ^ (1 << bit));
        INFO(kind.name << ": bit " << bit << " of octet " << at << " of " << size << " in " << name
                       << ", LEVERET_SEED=" << seed);
        write_files(directory.path, damaged);
        const Findings found = look(directory.path);
        CAPTURE(found.text);
        CHECK(found.wrong_bodies == "");
        if (found.refused)
            ++tally.refused;
        else if (found.reported)
            ++tally.reported;
        else if (found.messages == whole.messages)
            ++tally.without_effect;
        else if (is_log(name)) // see the note at is_log
            ++tally.torn_tail;
        else
            FAIL_CHECK("messages are gone, or back, without a word");
    }
    CHECK(tally.refused + tally.reported > 0);
    CHECK(tally.torn_tail <= flips / 20);
    std::cout << kind.name << ", " << flips << " flips: " << tally.refused << " refused, " << tally.reported
              << " reported, " << tally.without_effect << " without effect, " << tally.torn_tail
              << " taken for a torn tail\n";
}

TEST_CASE("store: a flipped bit is refused or reported, and never in a body that is given out", "[crash]") {
    const auto kind = GENERATE(Kind{"pages in the write-ahead log", 0, false}, Kind{"pages in tables", 0, true},
                               Kind{"commit log in the write-ahead log", 1 << 20, false},
                               Kind{"commit log in tables", 1 << 20, true});
    const char* more = std::getenv("LEVERET_FLIPS");
    flip_bits(kind, seed_of_this_run(), more != nullptr ? std::atoi(more) : 30);
}

} // namespace
} // namespace storage::test
