#include "config/config_reference.hpp"
#include "config/default_config.hpp"
#include "config/setting_table.hpp"
#include "tests/unit/config/support.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <sstream>

using namespace config;

namespace {

// Every "# key = value" without its number sign, as an administrator would do it; keys without a value stay comments.
std::string uncommented(const std::string& text) {
    std::istringstream in(text);
    std::string out;
    for (std::string line; std::getline(in, line);)
        out += (line.starts_with("# ") && !line.ends_with('=') ? line.substr(2) : line) + "\n";
    return out;
}

std::string content_of(const char* path) {
    std::ifstream file(path);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

} // namespace

TEST_CASE("default config: as printed it changes nothing", "[config]") {
    const auto loaded = load_text(print_default_config());
    CHECK(loaded.settings == Settings{});
    CHECK(loaded.warnings.empty());
}

TEST_CASE("default config: every default that it shows is the default", "[config]") {
    const auto loaded = load_text(uncommented(print_default_config()));
    Settings expected;
    expected.management_given = expected.prometheus_given = true; // by management.tcp.port, prometheus.tcp.port
    CHECK(loaded.settings == expected);
    CHECK_FALSE(load_text(uncommented("# heartbeat = 61\n")).settings == Settings{});
}

TEST_CASE("default config: every key is in it", "[config]") {
    const std::string text = print_default_config();
    for (const Setting& setting : setting_table()) {
        CAPTURE(setting.key);
        CHECK(text.find(setting.key.substr(0, setting.key.find('$'))) != std::string::npos);
    }
}

TEST_CASE("default config: config/leveret.conf is what --print-default-config prints", "[config]") {
    CHECK(content_of(LEVERET_CONF) == print_default_config());
}

TEST_CASE("config reference: docs/CONFIGURATION.md is what --print-config-reference prints", "[config]") {
    CHECK(content_of(CONFIGURATION_MD) == print_config_reference());
}

TEST_CASE("config reference: every key stands in it once", "[config]") {
    const std::string text = print_config_reference();
    for (const Setting& setting : setting_table()) {
        CAPTURE(setting.key);
        const std::string cell = (setting.key.ends_with('*') ? "`" : "| `") + setting.key + "`";
        const auto found = text.find(cell);
        REQUIRE(found != std::string::npos);
        CHECK(text.find(cell + " |", found + 1) == std::string::npos);
    }
}
