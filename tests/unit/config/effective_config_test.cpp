#include "config/effective_config.hpp"
#include "tests/unit/config/support.hpp"

#include <catch2/catch.hpp>

#include <sstream>
#include <string>

using namespace config;

namespace {

// What the broker would do with the text as its file; secrets are those that it has without one.
Settings read_back(const std::string& text) {
    std::istringstream in(text);
    std::string shown;
    for (std::string line; std::getline(in, line);)
        shown += line.ends_with("***") ? "" : line + "\n";
    Settings settings = settings_of(shown);
    settings.management_given = settings.prometheus_given = false; // their defaults are given, too
    return settings;
}

} // namespace

TEST_CASE("effective config: without a file it is the defaults", "[config]") {
    const std::string text = print_effective_config({});
    CHECK(read_back(text) == Settings{});
    CHECK(text.find("listeners.tcp.default = 5672\n") != std::string::npos);
}

TEST_CASE("effective config: what was assigned stands in its place", "[config]") {
    const auto loaded = load_text("listeners.tcp.one = 5673\nlisteners.tcp.two = 5674\nheartbeat = 30\n");
    const std::string text = print_effective_config(loaded.assigned);
    CHECK(read_back(text) == loaded.settings);
    CHECK(text.find("listeners.tcp.default") == std::string::npos);
    CHECK(text.find("heartbeat = 30\n") != std::string::npos);
}

TEST_CASE("effective config: a key's other name does not undo it", "[config]") {
    for (const std::string text :
         {"channel_max = 10\n", "max_channels_per_connection = 10\n", "max_connections = 10\n", "connection_max = 10\n",
          "management.tcp.port = 10\n", "management.listener.port = 10\n", "management.listener.ip = 127.0.0.1\n"}) {
        CAPTURE(text);
        auto loaded = load_text(text);
        loaded.settings.management_given = false;
        CHECK(read_back(print_effective_config(loaded.assigned)) == loaded.settings);
    }
}

TEST_CASE("effective config: secrets are not shown", "[config]") {
    const std::string text = print_effective_config({{"default_pass", "hidden"}});
    CHECK(text.find("default_pass = ***\n") != std::string::npos);
    CHECK(text.find("hidden") == std::string::npos);
}

TEST_CASE("effective config: only some settings follow a file that is read again", "[config]") {
    const Assigned start{
        {"heartbeat", "30"}, {"vm_memory_high_watermark.relative", "0.5"}, {"log.console.level", "info"}};
    const Assigned now{{"heartbeat", "10"}, {"vm_memory_high_watermark.relative", "0.7"}};
    CHECK(followed(start, now) == Assigned{{"heartbeat", "30"}, {"vm_memory_high_watermark.relative", "0.7"}});
}
