#include "config/changes.hpp"

#include <catch2/catch.hpp>

using namespace config;

TEST_CASE("changes: what follows at run time and what needs a restart", "[config]") {
    const Changes changes = changes_between({{"heartbeat", "60"},
                                             {"log.console.level", "info"},
                                             {"disk_free_limit.absolute", "1GB"},
                                             {"frame_max", "8192"},
                                             {"loopback_users.ann", "true"}},
                                            {{"heartbeat", "30"},
                                             {"log.console.level", "debug"},
                                             {"disk_free_limit.relative", "0.5"},
                                             {"frame_max", "8192"}});
    CHECK(changes.live ==
          std::vector<std::string>{"disk_free_limit.absolute", "disk_free_limit.relative", "log.console.level"});
    CHECK(changes.at_restart == std::vector<std::string>{"heartbeat", "loopback_users.ann"});
    CHECK(changes_between({{"heartbeat", "1"}}, {{"heartbeat", "1"}}).at_restart.empty());
}
