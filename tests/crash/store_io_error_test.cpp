// An I/O error at each write, sync and change of a name of the canned workload: nothing is confirmed afterwards, and
// what was promised is there. Each run has a process of its own: when a flush and a writer come to a log that the other
// one could not sync, an assertion of RocksDB 7.8 ends the process. A broker has ended by then, as the store has told.
// So nothing in this program may start a thread but those processes.
#include "tests/crash/fault_bench.hpp"

#include <catch2/catch.hpp>
#include <sys/mman.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <system_error>

namespace storage::test {
namespace {

using Call = FaultFileSystem::Call;

// What a run's process leaves to us; in memory that both have.
struct Outcome {
    std::uint64_t calls = 0;   // of the kind that was to fail
    std::atomic<int> told = 0; // how many times the store has told its owner
    bool work_half_done = false;
    char complaint[256] = ""; // empty: all is well
};

struct Unmap {
    void operator()(Outcome* outcome) const { ::munmap(outcome, sizeof(Outcome)); }
};
using SharedOutcome = std::unique_ptr<Outcome, Unmap>;

SharedOutcome shared_outcome() {
    void* memory = ::mmap(nullptr, sizeof(Outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw std::system_error(errno, std::generic_category(), "mmap");
    return SharedOutcome(new (memory) Outcome);
}

// All of one run, from an empty directory to what is left after the power has gone.
std::string play(Outcome& outcome, const FaultFileSystem::Fault& fault, std::uint64_t seed,
                 std::size_t commit_log_bytes) {
    Bench bench(seed, commit_log_bytes);
    bench.options.on_disk_failed = [&outcome](std::string_view) { ++outcome.told; };
    bench.faults->arm(fault);
    const auto run = bench.run();
    outcome.calls = bench.faults->calls(fault.call);
    outcome.work_half_done = run && run->other > 0;
    const std::string lost = complaint_about(bench.cut_and_check());
    if (run && run->durable_after_failure)
        return "durable after a failure";
    if (run && (outcome.told > 1 || (outcome.work_half_done && outcome.told == 0)))
        return "told " + std::to_string(outcome.told) + " times";
    return lost;
}

// Its status as waitpid() gives it.
int status_of(const std::function<std::string()>& work, Outcome& outcome) {
    const pid_t child = ::fork();
    if (child < 0)
        throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL); // or Catch would tell of it
        std::string complaint;
        try {
            complaint = work();
        } catch (const std::exception& error) {
            complaint = error.what();
        }
        std::snprintf(outcome.complaint, sizeof outcome.complaint, "%s", complaint.c_str());
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    std::filesystem::remove_all(directory_of(child)); // when it could not
    return status;
}

// A run that RocksDB ends after the store has told of the error says nothing of what follows: it is played again.
SharedOutcome played(const FaultFileSystem::Fault& fault, std::uint64_t seed, std::size_t commit_log_bytes) {
    constexpr int most_attempts = 50;
    for (int attempt = 1;; ++attempt) {
        SharedOutcome outcome = shared_outcome();
        const int status = status_of([&] { return play(*outcome, fault, seed, commit_log_bytes); }, *outcome);
        if (WIFEXITED(status))
            return outcome;
        REQUIRE(WTERMSIG(status) == SIGABRT);
        REQUIRE(outcome->told == 1);
        REQUIRE(attempt < most_attempts);
    }
}

// Fails call after call of the workload, one in each run.
void fail_everywhere(Call call, std::uint64_t times, std::size_t commit_log_bytes, std::uint64_t most_runs) {
    const std::uint64_t seed = seed_of_this_run();
    const auto undisturbed = played({.call = call, .times = 0}, seed, commit_log_bytes);
    REQUIRE(std::string(undisturbed->complaint) == "");
    REQUIRE(undisturbed->told == 0);
    const std::uint64_t step = std::max<std::uint64_t>(1, undisturbed->calls / most_runs);
    std::uint64_t failed_runs = 0;
    for (std::uint64_t index = seed % step; index < undisturbed->calls; index += step) {
        INFO("call " << index << " of " << undisturbed->calls << ", LEVERET_SEED=" << seed);
        const auto outcome = played({.call = call, .index = index, .times = times}, seed, commit_log_bytes);
        CHECK(std::string(outcome->complaint) == "");
        failed_runs += outcome->work_half_done ? 1 : 0;
    }
    CHECK(failed_runs > 0);
    std::cout << "I/O errors at " << undisturbed->calls << " calls, every " << step << ": " << failed_runs
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

} // namespace
} // namespace storage::test
