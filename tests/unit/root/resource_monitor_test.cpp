#include "broker/resource_limits.hpp"
#include "broker/resource_monitor.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <string>
#include <vector>

using namespace broker;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t gib = 1u << 30;

// A machine with as much used and free as a test says.
struct Machine {
    std::uint64_t used_memory = 0;
    std::uint64_t kept_for_reuse = 0;
    std::uint64_t free_disk = 100 * gib;
    std::uint64_t store_room = 100 * gib;
    int releases = 0;
    std::vector<Alarms> told;
    std::uint64_t allowed = 0;

    ResourceMonitor monitor{"rabbit@test",
                            {.used_memory = [this] { return used_memory + kept_for_reuse; },
                             .free_disk = [this] { return free_disk; },
                             .store_room = [this] { return store_room; },
                             .release_memory =
                                 [this] {
                                     ++releases;
                                     kept_for_reuse = 0;
                                 },
                             .allow_reads = [this](std::uint64_t octets) { allowed = octets; }},
                            {.memory = 4 * gib, .disk = gib, .store_room = 1 << 26},
                            [this](Alarms alarms) { told.push_back(alarms); }};
};

} // namespace

TEST_CASE("resource monitor: more memory than allowed is an alarm until there is less", "[root][alarms][L1]") {
    Machine machine;
    machine.used_memory = 4 * gib;
    machine.monitor.check();
    CHECK(machine.told.empty());
    machine.used_memory += 1;
    machine.monitor.check();
    machine.monitor.check();
    CHECK(machine.told == std::vector<Alarms>{{.memory = true}});
    CHECK(machine.monitor.alarms().reason() == "low on memory");
    machine.used_memory -= 1;
    machine.monitor.check();
    CHECK(machine.told == std::vector<Alarms>{{.memory = true}, {}});
    CHECK_FALSE(machine.monitor.alarms().any());
}

TEST_CASE("resource monitor: memory that is only kept for reuse is given back, and is no alarm", "[root][alarms][L1]") {
    Machine machine;
    machine.used_memory = 3 * gib;
    machine.kept_for_reuse = 2 * gib;
    machine.monitor.check();
    CHECK(machine.told.empty());
    CHECK(machine.releases == 1);
    machine.monitor.check();
    CHECK(machine.releases == 1);
}

TEST_CASE("resource monitor: near the limit memory is given back as it grows, so that an alarm need not wait for that",
          "[root][alarms][R-14]") {
    Machine machine;
    constexpr std::uint64_t mib = 1 << 20;
    machine.used_memory = 4 * gib - 100 * mib;
    machine.monitor.check();
    CHECK(machine.releases == 1);
    machine.used_memory = 4 * gib + 100 * mib;
    machine.monitor.check();
    CHECK(machine.releases == 1);
    CHECK(machine.told == std::vector<Alarms>{{.memory = true}});
    machine.monitor.check(); // it would not end before
    CHECK(machine.releases == 2);
}

TEST_CASE("resource monitor: a memory watermark of 0 is an alarm at once", "[root][alarms][L1]") {
    Machine machine;
    machine.used_memory = 1;
    machine.monitor.set_limits({.memory = 0});
    CHECK(machine.told == std::vector<Alarms>{{.memory = true}});
}

TEST_CASE("resource monitor: queues page out before memory is an alarm", "[root][alarms]") {
    Machine machine;
    constexpr std::uint64_t mib = 1 << 20;
    machine.monitor.set_limits({.memory = 4 * gib, .paging = 2 * gib});
    machine.used_memory = 2 * gib - 200 * mib;
    CHECK(machine.monitor.check() == 200ms);
    machine.used_memory = 2 * gib + 1;
    CHECK(machine.monitor.check() == 1s);
    CHECK(machine.told == std::vector<Alarms>{{.paging = true}});
    CHECK_FALSE(machine.monitor.alarms().any()); // it blocks nobody
    CHECK(machine.releases == 0);
    machine.used_memory = 5 * gib;
    machine.monitor.check();
    CHECK(machine.told.back() == Alarms{.memory = true, .paging = true});
    machine.used_memory = 2 * gib;
    machine.monitor.check();
    CHECK(machine.told.back() == Alarms{});
}

TEST_CASE("resource monitor: less disk than wanted is an alarm until there is more", "[root][alarms][L1]") {
    Machine machine;
    machine.free_disk = gib;
    machine.monitor.check();
    CHECK(machine.told.empty());
    machine.free_disk = gib - 1;
    machine.monitor.check();
    CHECK(machine.told == std::vector<Alarms>{{.disk = true}});
    CHECK(machine.monitor.alarms().reason() == "low on disk");
    machine.used_memory = 5 * gib;
    machine.monitor.check();
    CHECK(machine.monitor.alarms().reason() == "low on memory & disk");
    machine.used_memory = 0;
    machine.free_disk = gib;
    machine.monitor.check();
    CHECK(machine.told.size() == 3);
    CHECK_FALSE(machine.told.back().any());
}

TEST_CASE("resource monitor: the disk alarm comes before the store would refuse", "[root][alarms][L1]") {
    Machine machine;
    machine.store_room = (1 << 26) - 1; // much of what is free is promised to what the store has in memory
    machine.monitor.check();
    CHECK(machine.told == std::vector<Alarms>{{.disk = true}});
}

TEST_CASE("resource monitor: it looks more often while a limit is near", "[root][alarms][L1]") {
    Machine machine;
    CHECK(machine.monitor.check() == 1s);
    constexpr std::uint64_t mib = 1 << 20;
    machine.used_memory = 4 * gib - 200 * mib;
    CHECK(machine.monitor.check() == 200ms);
    machine.used_memory = 4 * gib;
    CHECK(machine.monitor.check() == 10ms);
    machine.used_memory = 0;
    machine.free_disk = gib + 200 * mib;
    CHECK(machine.monitor.check() == 100ms);
    machine.free_disk = 4 * gib;
    machine.store_room = 64 * mib + 60 * mib;
    CHECK(machine.monitor.check() == 30ms);
    machine.store_room = 4 * gib;
    CHECK(machine.monitor.check() == 1s);
    machine.used_memory = 5 * gib; // an alarm that is on may take its time to clear
    CHECK(machine.monitor.check() == 1s);
}

TEST_CASE("resource monitor: what may be read until the next look is a share of what is left", "[root][alarms][R-14]") {
    Machine machine;
    constexpr std::uint64_t mib = 1 << 20;
    machine.monitor.check();
    CHECK(machine.allowed == 512 * mib); // small messages take several times what is read of them
    machine.used_memory = 4 * gib - 1024 * mib;
    machine.monitor.check();
    CHECK(machine.allowed == 128 * mib);
    machine.used_memory = 4 * gib;
    machine.monitor.check();
    CHECK(machine.allowed == 32 * mib); // it must come to an end: an alarm, or memory that is free again
    machine.monitor.set_limits({.memory = 4 * gib, .paging = 2 * gib});
    machine.used_memory = gib;
    machine.monitor.check();
    CHECK(machine.allowed == 128 * mib);
}

TEST_CASE("resource monitor: reading ends before an alarm is told, and is limited again before its end is told",
          "[root][alarms][R-14]") {
    std::uint64_t used_memory = 2000;
    std::vector<std::string> story;
    ResourceMonitor monitor("rabbit@test",
                            {.used_memory = [&] { return used_memory; },
                             .free_disk = [] { return gib; },
                             .store_room = [] { return gib; },
                             .release_memory = [] {},
                             .allow_reads = [&](std::uint64_t octets) { story.push_back(std::to_string(octets)); }},
                            {.memory = 1000},
                            [&](Alarms alarms) { story.emplace_back(alarms.any() ? "alarm" : "no alarm"); });
    monitor.check();
    used_memory = 200;
    monitor.check();
    CHECK(story == std::vector<std::string>{"0", "alarm", "100", "no alarm"});
}

TEST_CASE("resource monitor: it looks at once when it is asked to", "[root][alarms][R-14]") {
    std::promise<void> looked;
    int looks = 0;
    ResourceMonitor monitor("rabbit@test",
                            {.used_memory =
                                 [&] {
                                     if (++looks == 3) { // the first is start()'s, the second begins its thread
                                         looked.set_value();
                                     }
                                     return 0;
                                 },
                             .free_disk = [] { return gib; },
                             .store_room = [] { return gib; },
                             .release_memory = [] {}},
                            {.memory = gib, .interval = 1h}, [](Alarms) {});
    monitor.start();
    monitor.look_soon();
    CHECK(looked.get_future().wait_for(10s) == std::future_status::ready);
}

TEST_CASE("resource monitor: while memory is short, what is freed is given back before the next look",
          "[root][alarms][R-14]") {
    std::promise<void> released;
    int releases = 0;
    ResourceMonitor monitor("rabbit@test",
                            {.used_memory = [] { return 2; },
                             .free_disk = [] { return gib; },
                             .store_room = [] { return gib; },
                             .release_memory =
                                 [&] {
                                     if (++releases == 4) { // start() and the thread try it once each
                                         released.set_value();
                                     }
                                 }},
                            {.memory = 1, .interval = 1h}, [](Alarms) {});
    monitor.start();
    CHECK(released.get_future().wait_for(10s) == std::future_status::ready);
}

TEST_CASE("resource limits: shares are of the memory there is, or is said to be", "[root][alarms][L1]") {
    config::Settings settings;
    ResourceLimits limits = resource_limits(settings, 10 * gib, 32);
    CHECK(limits.memory == 6 * gib);
    CHECK(limits.disk == 50'000'000);
    CHECK(limits.store_room == 128);
    CHECK(limits.interval == 1s);
    settings.disk_free_limit = {.relative = 1.5, .absolute_bytes = {}};
    settings.total_memory_bytes = 4 * gib;
    limits = resource_limits(settings, 10 * gib, 32);
    CHECK(limits.disk == 6 * gib);
    CHECK(limits.memory == static_cast<std::uint64_t>(0.6 * 4 * static_cast<double>(gib)));
    settings.memory_high_watermark = {.relative = {}, .absolute_bytes = 2 * gib};
    CHECK(resource_limits(settings, 10 * gib, 32).memory == 2 * gib);
    CHECK(resource_limits(settings, 10 * gib, 32).paging == gib);
    settings.memory_paging_ratio = 0.75;
    CHECK(resource_limits(settings, 10 * gib, 32).paging == gib + gib / 2);
    settings.memory_high_watermark = {.relative = {}, .absolute_bytes = 200 * gib}; // more than there is
    CHECK(resource_limits(settings, 10 * gib, 32).memory == 4 * gib);
}
