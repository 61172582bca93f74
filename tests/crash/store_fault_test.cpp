// The canned workload, cut off or disturbed at every place there is: power cuts around each sync, I/O errors at each
// write, sync and change of a name, a disk that is full there. What was promised is there afterwards, each time.
#include "storage/rocksdb_store.hpp"
#include "tests/crash/canned_workload.hpp"
#include "tests/crash/scratch.hpp"
#include "tests/support/fault_file_system.hpp"
#include "tests/support/power_cut_file_system.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <iostream>
#include <optional>

namespace storage::test {
namespace {

using Call = FaultFileSystem::Call;
using Sync = PowerCutFileSystem::Sync;

// A store on a disk that can fail and lose power. Each test case plays the workload on a new directory many times.
struct Bench {
    explicit Bench(std::uint64_t disk_seed, std::size_t commit_log_bytes)
        : disk(std::make_shared<PowerCutFileSystem>(disk_seed)),
          faults(std::make_shared<FaultFileSystem>(disk, disk_seed)) {
        options.directory = directory.path;
        options.page_memtable_bytes = 64 * 1024; // flushes and new logs on the way
        options.commit_log_bytes = commit_log_bytes;
        options.reclaim_interval = std::chrono::milliseconds(5);
        options.environment = environment_on(std::static_pointer_cast<rocksdb::FileSystem>(faults));
        options.on_disk_failed = [this](std::string_view) { ++told; };
        options.log = [this](LogLevel, std::string_view line) {
            const std::lock_guard lock(log_mutex);
            log += std::string(line) + '\n';
        };
    }

    // Nothing when the store cannot even be opened.
    std::optional<CannedRun> run() {
        try {
            const auto store = open_rocksdb(options);
            return run_canned(*store, memory);
        } catch (const std::runtime_error&) {
            return std::nullopt;
        }
    }

    // What the disk has after a power cut; then everything is new again.
    Verdict cut_and_check() {
        disk->cut();
        disk->restore();
        faults->disarm();
        Verdict verdict;
        {
            const auto store = open_rocksdb(options);
            verdict = check(*store, memory.ledger);
        }
        disk->cut();
        disk->restore();
        std::filesystem::remove_all(directory.path);
        memory.ledger = {};
        told = 0;
        log.clear();
        return verdict;
    }

    const Directory directory;
    std::shared_ptr<PowerCutFileSystem> disk;
    std::shared_ptr<FaultFileSystem> faults;
    RocksStoreOptions options;
    Memory memory;
    std::atomic<int> told = 0;
    std::mutex log_mutex;
    std::string log;
};

void require_kept(const Verdict& verdict) {
    REQUIRE(verdict.unreadable == 0);
    REQUIRE(verdict.wrong == "");
    REQUIRE(verdict.lost == 0);
    REQUIRE(verdict.undead == 0);
}

TEST_CASE("store: nothing promised is lost by a power cut at any sync", "[crash]") {
    const std::uint64_t seed = seed_of_this_run();
    const std::size_t commit_log_bytes = GENERATE(0, 16 * 1024);
    Bench bench(seed, commit_log_bytes);
    REQUIRE(bench.run()->other == 0);
    const std::uint64_t syncs = bench.disk->syncs();
    REQUIRE(syncs > 30);
    require_kept(bench.cut_and_check());
    std::size_t promised = 0;
    for (std::uint64_t index = 0; index < syncs; ++index)
        for (const Sync at : {Sync::lost, Sync::done}) {
            INFO("sync " << index << (at == Sync::lost ? " lost" : " done") << ", LEVERET_SEED=" << seed);
            bench.disk->cut_at_sync(index, at);
            bench.run();
            const Verdict verdict = bench.cut_and_check();
            promised += verdict.checked;
            require_kept(verdict);
        }
    std::cout << "power cuts around " << syncs << " syncs: " << promised << " promised messages checked\n";
}

// Fails call after call of the workload, one in each run.
void fail_everywhere(Call call, std::uint64_t times, std::size_t commit_log_bytes, std::uint64_t most_runs) {
    const std::uint64_t seed = seed_of_this_run();
    Bench bench(seed, commit_log_bytes);
    bench.faults->disarm();
    bench.run();
    const std::uint64_t calls = bench.faults->calls(call);
    require_kept(bench.cut_and_check());
    const std::uint64_t step = std::max<std::uint64_t>(1, calls / most_runs);
    std::uint64_t failed_runs = 0;
    for (std::uint64_t index = seed % step; index < calls; index += step) {
        INFO("call " << index << " of " << calls << ", LEVERET_SEED=" << seed);
        bench.faults->arm({.call = call, .index = index, .times = times});
        const auto run = bench.run();
        if (run) {
            CHECK_FALSE(run->durable_after_failure);
            CHECK(bench.told <= 1);
            if (run->other > 0) {
                ++failed_runs;
                CHECK(bench.told == 1);
            }
        }
        require_kept(bench.cut_and_check());
    }
    CHECK(failed_runs > 0);
    std::cout << "I/O errors at " << calls << " calls, every " << step << ": " << failed_runs
              << " stores failed with the work half done\n";
}

TEST_CASE("store: after an I/O error of any write nothing is confirmed, and nothing promised is lost", "[crash]") {
    const auto [times, commit_log_bytes] = GENERATE(table<std::uint64_t, std::size_t>({{1, 16 * 1024}, {SIZE_MAX, 0}}));
    fail_everywhere(Call::write, times, commit_log_bytes, 40);
}

TEST_CASE("store: after an I/O error of any sync nothing is confirmed, and nothing promised is lost", "[crash]") {
    const auto [times, commit_log_bytes] = GENERATE(table<std::uint64_t, std::size_t>({{1, 16 * 1024}, {SIZE_MAX, 0}}));
    fail_everywhere(Call::sync, times, commit_log_bytes, 30);
}

TEST_CASE("store: nothing promised is lost when a file cannot be made, renamed or removed", "[crash]") {
    fail_everywhere(Call::name, 1, 16 * 1024, 20);
}

TEST_CASE("store: when RocksDB fails on a thread of its own it is told at once, and nothing is confirmed", "[crash]") {
    const auto call = GENERATE(Call::write, Call::sync);
    Bench bench(seed_of_this_run(), 0);
    std::promise<void> told;
    bench.options.on_disk_failed = [&told](std::string_view) { told.set_value(); }; // twice is an exception
    {
        const auto store = open_rocksdb(bench.options);
        bench.faults->arm({.call = call, .ending = ".sst"});
        run_canned(*store, bench.memory); // fills memtables, which are flushed
        told.get_future().wait();
        const CannedRun after = run_canned(*store, bench.memory);
        CHECK(after.durable == 0);
        CHECK(after.other > 0);
        CHECK_THAT(bench.log, Catch::Contains("the store failed in the background: IO error: EIO, says the test"));
    }
    require_kept(bench.cut_and_check());
}

TEST_CASE("store: what happened to a log is told before RocksDB goes on with it", "[crash]") {
    const auto call = GENERATE(Call::write, Call::sync);
    Bench bench(seed_of_this_run(), 0);
    std::string reason;
    bench.options.on_disk_failed = [&reason](std::string_view said) { reason = said; };
    {
        const auto store = open_rocksdb(bench.options);
        bench.faults->arm({.call = call, .ending = ".log"});
        CHECK(run_canned(*store, bench.memory).other > 0);
    }
    CHECK_THAT(reason, Catch::EndsWith(".log cannot be written or synced: IO error: EIO, says the test"));
    require_kept(bench.cut_and_check());
}

TEST_CASE("store: a disk that is full at any write makes it wait, nothing else", "[crash]") {
    const std::uint64_t seed = seed_of_this_run();
    const auto [call, most_runs] = GENERATE(table<Call, std::uint64_t>({{Call::write, 30}, {Call::name, 10}}));
    Bench bench(seed, 16 * 1024);
    bench.faults->disarm();
    bench.run();
    const std::uint64_t calls = bench.faults->calls(call);
    require_kept(bench.cut_and_check());
    bool waited = false;
    const std::uint64_t step = std::max<std::uint64_t>(1, calls / most_runs);
    for (std::uint64_t index = seed % step; index < calls; index += step) {
        INFO("call " << index << " of " << calls << ", LEVERET_SEED=" << seed);
        bench.faults->arm({.call = call, .index = index, .no_space = true, .times = 2});
        const auto run = bench.run();
        REQUIRE(run.has_value());
        CHECK(run->other == 0);
        CHECK(bench.told == 0);
        if (bench.faults->failures() == 2 && call == Call::write) {
            CHECK_THAT(bench.log, Catch::Contains("the disk is full: the reserve of 32 MiB is used"));
            waited = waited || bench.log.find("there is space on the disk again") != std::string::npos;
        }
        require_kept(bench.cut_and_check());
    }
    CHECK((waited || call != Call::write)); // two threads may share the two failures, but not in every run
}

} // namespace
} // namespace storage::test
