// Nothing that the store promised is lost: by a killed process, and by a power cut that takes with it what was not
// synced. The control without syncing must lose something, or these tests could not find a loss.
#include "storage/rocksdb_store.hpp"
#include "tests/crash/scratch.hpp"
#include "tests/support/power_cut_file_system.hpp"

#include <catch2/catch.hpp>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>

namespace storage::test {
namespace {

enum class CountFrom { start, first_promise };

// Starts the driver, kills it `after_ms` after `from`, and reads what it promised.
void run_and_kill(const std::filesystem::path& directory, std::uint64_t seed, CountFrom from, int after_ms,
                  Ledger& ledger) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe[0]);
    std::string program = STORE_CRASH_DRIVER;
    std::string path = directory.string();
    std::string seed_text = std::to_string(seed);
    char* arguments[] = {program.data(), path.data(), seed_text.data(), nullptr};
    pid_t child = 0;
    REQUIRE(::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);

    std::string output;
    const auto read_some = [&] {
        char buffer[65536];
        const ssize_t size = ::read(pipe[0], buffer, sizeof buffer);
        output.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        return size > 0;
    };
    if (from == CountFrom::first_promise)
        read_some();
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(after_ms);
    bool killed = false;
    for (bool open = true; open;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (!killed && left.count() <= 0)
            killed = ::kill(child, SIGKILL) == 0;
        pollfd waiting{pipe[0], POLLIN, 0};
        if (::poll(&waiting, 1, killed ? -1 : static_cast<int>(left.count())) != 0)
            open = read_some();
    }
    ::close(pipe[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status)); // anything else is a failed commit, or a failed start

    output.resize(output.rfind('\n') + 1);
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);)
        ledger.read_line(line);
}

void require_kept(const Verdict& verdict) {
    REQUIRE(verdict.unreadable == 0);
    REQUIRE(verdict.wrong == "");
    REQUIRE(verdict.lost == 0);
    REQUIRE(verdict.undead == 0);
}

TEST_CASE("store: nothing promised is lost by kill -9, again and again on one directory", "[crash]") {
    const std::uint64_t seed = seed_of_this_run();
    std::mt19937_64 random(seed);
    const Directory directory;
    Ledger ledger;
    std::size_t promised = 0;
    constexpr int rounds = 9;
    for (int round = 1; round <= rounds; ++round) {
        INFO("round " << round << ", LEVERET_SEED=" << seed);
        if (round % 3 == 0) // while the store is being opened
            run_and_kill(directory.path, random(), CountFrom::start, static_cast<int>(random() % 30), ledger);
        else
            run_and_kill(directory.path, random(), CountFrom::first_promise, static_cast<int>(random() % 500), ledger);
        if (round < rounds && random() % 2 == 0)
            continue; // crash, recover, crash
        RocksStoreOptions options;
        options.directory = directory.path;
        options.page_memtable_bytes = 1 << 20;
        const auto store = open_rocksdb(options);
        const Verdict verdict = check(*store, ledger);
        promised += verdict.checked;
        require_kept(verdict);
    }
    std::cout << "kill -9: " << promised << " promised messages checked in " << rounds << " rounds, none lost\n";
    CHECK(promised > 0);
}

// One store on one directory, cut off `cuts` times at random changes of its files; ends early at the first loss when
// `until_loss`. Returns the number of lost messages.
std::size_t cut_power(std::uint64_t seed, int cuts, bool sync, bool until_loss) {
    std::mt19937_64 random(seed);
    const Directory directory;
    const auto disk = std::make_shared<PowerCutFileSystem>(seed);
    RocksStoreOptions options;
    options.directory = directory.path;
    options.sync = sync;
    options.page_memtable_bytes = 256 * 1024;            // many flushes and new logs
    options.commit_log_bytes = random() % 4 * 64 * 1024; // moved on to pages soon, or never in the log
    options.reclaim_interval = std::chrono::milliseconds(20);
    options.environment = environment_on(disk);
    Memory memory;
    std::size_t lost = 0;
    std::size_t promised = 0;
    int cuts_done = 0;
    for (; cuts_done < cuts && !(until_loss && lost > 0); ++cuts_done) {
        INFO("cut " << cuts_done << ", LEVERET_SEED=" << seed);
        disk->cut_after(random() % (random() % 4 == 0 ? 60 : 3000)); // now and then while it is being opened
        try {
            const auto store = open_rocksdb(options);
            run_workload(*store, memory, random());
        } catch (const std::runtime_error&) {
            REQUIRE(disk->is_cut()); // the only reason for not opening
        }
        disk->restore();
        std::unique_ptr<LocalStore> store;
        try {
            store = open_rocksdb(options);
        } catch (const std::runtime_error&) { // an older log is torn
            REQUIRE_FALSE(sync);
            return 1;
        }
        const Verdict verdict = check(*store, memory.ledger);
        promised += verdict.checked;
        lost += verdict.lost + verdict.undead;
        REQUIRE(verdict.unreadable == 0);
        if (sync)
            REQUIRE(verdict.wrong == "");
    }
    std::cout << "power cut, sync " << (sync ? "on" : "off") << ": " << cuts_done << " cuts, " << promised
              << " promised messages checked, " << lost << " lost\n";
    return lost;
}

TEST_CASE("store: nothing promised is lost by a power cut", "[crash]") {
    const std::uint64_t seed = seed_of_this_run();
    CAPTURE(seed);
    CHECK(cut_power(seed, 15, true, false) == 0);
}

TEST_CASE("store: without syncing a power cut loses what was promised, so this test would see it", "[crash]") {
    const std::uint64_t seed = seed_of_this_run();
    CAPTURE(seed);
    CHECK(cut_power(seed, 25, false, true) > 0); // ends with the first loss
}

TEST_CASE("store: after a failed sync nothing is confirmed any more, and it is told once", "[crash]") {
    const Directory directory;
    const auto disk = std::make_shared<PowerCutFileSystem>(1);
    RocksStoreOptions options;
    options.directory = directory.path;
    options.environment = environment_on(disk);
    int told = 0;
    options.on_disk_failed = [&told](std::string_view) { ++told; };
    std::vector<Outcome> said;
    {
        const auto store = open_rocksdb(options);
        const Lease lease = store->open_shard(1);
        disk->cut();
        for (Sequence i = 0; i < 5; ++i) {
            Batch batch;
            StoredMessage entry;
            entry.sequence = first_sequence(store->epoch()) + i;
            entry.message = amqp::Message::make("", "key", std::string(2, '\0'), "body");
            batch.append(1, std::move(entry));
            batch.promise();
            store->commit(lease, std::move(batch), [&said](Outcome outcome) { said.push_back(outcome); });
        }
        store->close();
    }
    CHECK(said == std::vector<Outcome>(5, Outcome::failed));
    CHECK(told == 1);
}

} // namespace
} // namespace storage::test
