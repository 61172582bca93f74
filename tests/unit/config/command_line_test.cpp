#include "config/command_line.hpp"
#include "config/default_config.hpp"
#include "tests/unit/config/support.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace config;

namespace {

using Outcome = std::variant<Start, Exit>;

Outcome run(std::vector<const char*> arguments, std::map<std::string, std::string> variables = {}) {
    arguments.insert(arguments.begin(), "leveret");
    return parse_command_line(static_cast<int>(arguments.size()), arguments.data(),
                              environment_of(std::move(variables)));
}

Settings settings_of_run(std::vector<const char*> arguments, std::map<std::string, std::string> variables = {}) {
    return std::get<Start>(run(std::move(arguments), std::move(variables))).settings;
}

// A file of its own name that is gone when the test ends.
class TemporaryFile {
 public:
    explicit TemporaryFile(const std::string& text) {
        const int descriptor = ::mkstemps(path_.data(), 5);
        REQUIRE(descriptor >= 0);
        ::close(descriptor);
        std::ofstream(path_) << text;
    }
    ~TemporaryFile() { std::filesystem::remove(path_); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    const char* path() const { return path_.c_str(); }

 private:
    std::string path_ = (std::filesystem::temp_directory_path() / "leveret-XXXXXX.conf").string();
};

} // namespace

TEST_CASE("command line: without arguments everything is at its default", "[config]") {
    Settings expected;
    expected.node_name = "rabbit@" + short_host_name();
    CHECK(settings_of_run({}) == expected);
}

TEST_CASE("command line: --set wins over the environment, the environment over the file", "[config]") {
    const TemporaryFile file("default_user = file\nheartbeat = 10\nframe_max = 8192\n");
    const auto settings =
        settings_of_run({"--config", file.path(), "--set", "heartbeat=20", "--set", "default_vhost=option"},
                        {{"RABBITMQ_DEFAULT_USER", "env"}, {"RABBITMQ_DEFAULT_VHOST", "env"}});
    CHECK(settings.frame_max_bytes == 8192);
    CHECK(settings.heartbeat_s == 20);
    CHECK(settings.default_user.name == "env");
    CHECK(settings.default_vhost == "option");
}

TEST_CASE("command line: --set replaces the listener of the same name only", "[config]") {
    const TemporaryFile file("listeners.tcp.default = 5680\nlisteners.tcp.other = 5681\n");
    CHECK(settings_of_run({"--config", file.path(), "--set", "listeners.tcp.default=0"}).tcp_listeners ==
          std::vector<Endpoint>{{"0.0.0.0", 5681}, {"0.0.0.0", 0}});
}

TEST_CASE("command line: RABBITMQ_CONFIG_FILE is read, with or without its extension", "[config]") {
    const TemporaryFile file("heartbeat = 11\n");
    const std::string path = file.path();
    CHECK(settings_of_run({}, {{"RABBITMQ_CONFIG_FILE", path}}).heartbeat_s == 11);
    CHECK(settings_of_run({}, {{"RABBITMQ_CONFIG_FILE", path.substr(0, path.size() - 5)}}).heartbeat_s == 11);
    const auto missing = std::get<Start>(run({}, {{"RABBITMQ_CONFIG_FILE", "/nonexistent"}}));
    CHECK(missing.warnings == std::vector<std::string>{"RABBITMQ_CONFIG_FILE=/nonexistent: there is no such file"});
}

TEST_CASE("command line: --data-dir wins over the key", "[config]") {
    CHECK(settings_of_run({"--data-dir", "a", "--set", "leveret.data_dir=b"}).data_dir == "a");
}

TEST_CASE("command line: a bad start is one line and a code that is not zero", "[config]") {
    struct Row {
        std::vector<const char*> arguments;
        std::string text;
    };
    const Row rows[] = {
        {{"--set", "heartbeat=abc"}, "leveret: --set heartbeat=abc: expected seconds, an integer from 0 to 65535\n"},
        {{"--set", "heartbeet=5"}, "leveret: --set: unknown key 'heartbeet' (did you mean 'heartbeat'?)\n"},
        {{"--set", "heartbeat"}, "leveret: --set heartbeat: expected key=value\n"},
        {{"--config", "/nonexistent"}, "leveret: /nonexistent: cannot be read: No such file or directory\n"},
    };
    for (const Row& row : rows) {
        const auto exit = std::get<Exit>(run(row.arguments));
        CHECK(exit.text == row.text);
        CHECK(exit.code == 1);
    }
    const auto unknown_option = std::get<Exit>(run({"--bogus"}));
    CHECK(unknown_option.text.starts_with("leveret: "));
    CHECK(unknown_option.text.find("--bogus") != std::string::npos);
    CHECK(unknown_option.code == 1);
}

TEST_CASE("command line: options that print end with code 0", "[config]") {
    CHECK(std::get<Exit>(run({"--version"})).text.starts_with("leveret "));
    CHECK(std::get<Exit>(run({"--help"})).text.find("--print-default-config") != std::string::npos);
    CHECK(std::get<Exit>(run({"--print-default-config"})).text == print_default_config());
    const auto checked = std::get<Exit>(run({"--check-config", "--set", "reverse_dns_lookups=true"}));
    CHECK(checked.code == 0);
    CHECK(checked.text ==
          "leveret: warning: --set: 'reverse_dns_lookups' is accepted, but has no effect in this version\n"
          "leveret: the configuration is valid\n");
    CHECK(std::get<Exit>(run({"--check-config", "--set", "heartbeat=x"})).code == 1);
}
