#include "broker/admin/machine_share.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

// /proc and /sys/fs/cgroup of a test.
class FakeSystem {
 public:
    explicit FakeSystem(const std::string& own_groups) { write("proc/self/cgroup", own_groups); }
    ~FakeSystem() { fs::remove_all(directory_); }

    void write(const std::string& path, const std::string& text) const {
        fs::create_directories((directory_ / path).parent_path());
        std::ofstream(directory_ / path) << text << '\n';
    }
    std::uint64_t memory() const { return limits().memory_bytes; }
    std::uint64_t processors() const { return limits().processors; }

 private:
    broker::ControlGroupLimits limits() const {
        return broker::control_group_limits(directory_ / "proc", directory_ / "groups");
    }
    static fs::path make() {
        std::string path = (fs::temp_directory_path() / "leveret-groups-XXXXXX").string();
        REQUIRE(mkdtemp(path.data()) != nullptr);
        return path;
    }
    const fs::path directory_ = make();
};

} // namespace

TEST_CASE("total memory: without a control group there is no limit", "[admin][alarms][L1]") {
    CHECK(FakeSystem("").memory() == no_limit);
    CHECK(FakeSystem("0::/").memory() == no_limit);
    CHECK(FakeSystem("nonsense").memory() == no_limit);
    CHECK(FakeSystem("0::/").processors() == no_limit);
}

TEST_CASE("total memory: the least limit of our group and those around it counts", "[admin][alarms][L1]") {
    const FakeSystem system("0::/system.slice/leveret.service");
    system.write("groups/system.slice/leveret.service/memory.max", "max");
    CHECK(system.memory() == no_limit);
    system.write("groups/system.slice/memory.max", "2000000");
    CHECK(system.memory() == 2'000'000);
    system.write("groups/system.slice/leveret.service/memory.max", "1000000");
    CHECK(system.memory() == 1'000'000);
    system.write("groups/system.slice/leveret.service/memory.max", "3000000");
    CHECK(system.memory() == 2'000'000);
}

TEST_CASE("total memory: in a container the top is our group", "[admin][alarms][L1]") {
    const FakeSystem system("0::/../docker-1234.scope");
    system.write("groups/memory.max", "536870912");
    CHECK(system.memory() == 536'870'912);
}

TEST_CASE("total memory: version 1 of control groups is read, too", "[admin][alarms][L1]") {
    const FakeSystem system("5:cpu,cpuacct:/a\n4:memory:/docker/1234\n1:name=systemd:/b");
    system.write("groups/memory/memory.limit_in_bytes", "9223372036854771712");
    system.write("groups/memory/docker/1234/memory.limit_in_bytes", "536870912");
    system.write("groups/memory/a/memory.limit_in_bytes", "1");
    CHECK(system.memory() == 536'870'912);
}

TEST_CASE("processors: as many as the least quota pays for, parts of one count as one", "[admin][L1]") {
    const FakeSystem system("0::/system.slice/leveret.service");
    system.write("groups/system.slice/leveret.service/cpu.max", "max 100000");
    CHECK(system.processors() == no_limit);
    system.write("groups/system.slice/cpu.max", "400000 100000");
    CHECK(system.processors() == 4);
    system.write("groups/system.slice/leveret.service/cpu.max", "150000 100000");
    CHECK(system.processors() == 2);
    system.write("groups/system.slice/leveret.service/cpu.max", "1000 100000");
    CHECK(system.processors() == 1);
    system.write("groups/system.slice/leveret.service/cpu.max", "100000 0");
    CHECK(system.processors() == 4);
}

TEST_CASE("processors: version 1 of control groups is read, too", "[admin][L1]") {
    const FakeSystem system("5:cpu,cpuacct:/docker/1234\n4:memory:/b");
    system.write("groups/cpu/cpu.cfs_quota_us", "-1");
    system.write("groups/cpu/cpu.cfs_period_us", "100000");
    CHECK(system.processors() == no_limit);
    system.write("groups/cpu/docker/1234/cpu.cfs_quota_us", "50000");
    system.write("groups/cpu/docker/1234/cpu.cfs_period_us", "100000");
    system.write("groups/cpu/b/cpu.cfs_quota_us", "1");
    CHECK(system.processors() == 1);
    CHECK(system.memory() == no_limit);
}

TEST_CASE("processors: the machine has at least one", "[admin]") {
    CHECK(broker::processors() >= 1);
    CHECK(broker::processors() <= std::max(1U, std::thread::hardware_concurrency()));
}
