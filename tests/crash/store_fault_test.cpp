// The canned workload, cut off or disturbed at every place there is: power cuts around each sync, a disk that is full
// at each write or change of a name; and what is told of I/O errors. What was promised is there afterwards, each time.
#include "tests/crash/fault_bench.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <iostream>

namespace storage::test {
namespace {

using Call = FaultFileSystem::Call;
using Sync = PowerCutFileSystem::Sync;

void require_kept(const Verdict& verdict) {
    REQUIRE(complaint_about(verdict) == "");
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
