#include "broker/admin/total_memory.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

namespace fs = std::filesystem;
using broker::control_group_limit;

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
    std::uint64_t limit() const { return control_group_limit(directory_ / "proc", directory_ / "groups"); }

 private:
    static fs::path make() {
        std::string path = (fs::temp_directory_path() / "leveret-groups-XXXXXX").string();
        REQUIRE(mkdtemp(path.data()) != nullptr);
        return path;
    }
    const fs::path directory_ = make();
};

} // namespace

TEST_CASE("total memory: without a control group there is no limit", "[admin][alarms][L1]") {
    CHECK(FakeSystem("").limit() == no_limit);
    CHECK(FakeSystem("0::/").limit() == no_limit);
    CHECK(FakeSystem("nonsense").limit() == no_limit);
}

TEST_CASE("total memory: the least limit of our group and those around it counts", "[admin][alarms][L1]") {
    const FakeSystem system("0::/system.slice/leveret.service");
    system.write("groups/system.slice/leveret.service/memory.max", "max");
    CHECK(system.limit() == no_limit);
    system.write("groups/system.slice/memory.max", "2000000");
    CHECK(system.limit() == 2'000'000);
    system.write("groups/system.slice/leveret.service/memory.max", "1000000");
    CHECK(system.limit() == 1'000'000);
    system.write("groups/system.slice/leveret.service/memory.max", "3000000");
    CHECK(system.limit() == 2'000'000);
}

TEST_CASE("total memory: in a container the top is our group", "[admin][alarms][L1]") {
    const FakeSystem system("0::/../docker-1234.scope");
    system.write("groups/memory.max", "536870912");
    CHECK(system.limit() == 536'870'912);
}

TEST_CASE("total memory: version 1 of control groups is read, too", "[admin][alarms][L1]") {
    const FakeSystem system("5:cpu,cpuacct:/a\n4:memory:/docker/1234\n1:name=systemd:/b");
    system.write("groups/memory/memory.limit_in_bytes", "9223372036854771712");
    system.write("groups/memory/docker/1234/memory.limit_in_bytes", "536870912");
    system.write("groups/memory/a/memory.limit_in_bytes", "1");
    CHECK(system.limit() == 536'870'912);
}
