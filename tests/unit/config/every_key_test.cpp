// Every key that RabbitMQ's documentation knows, in one file.
#include "tests/unit/config/support.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace config;

namespace {

std::string every_key() {
    std::ifstream file(EVERY_KEY_CONF);
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("every key: a file with all of RabbitMQ's keys is taken", "[config]") {
    const Loaded loaded = load_text(every_key());
    const Settings& settings = loaded.settings;
    CHECK(settings.tcp_listeners == std::vector<Endpoint>{{"127.0.0.1", 5672}, {"::1", 5673}});
    CHECK(settings.memory_high_watermark == Watermark{.relative = 0.5, .absolute_bytes = {}});
    CHECK(settings.disk_free_limit == Watermark{.relative = {}, .absolute_bytes = 2'000'000'000});
    CHECK(settings.total_memory_bytes == 8'589'934'592);
    CHECK(settings.memory_monitor_interval_ms == 2'500);
    CHECK(settings.log.console_format == LogFormat::json);
    CHECK(settings.log.rotation_bytes == 10'485'760);
    CHECK(settings.default_queue_type == QueueType::quorum);
    CHECK(loaded.assigned.at("heartbeat") == "30");
}

// Whoever gives one of the keys an effect takes its warning away; whoever adds a key finds out whether it has one.
TEST_CASE("every key: those without effect are warned about by name, the others are not", "[config]") {
    std::istringstream lines(every_key());
    const Loaded loaded = load_text(every_key());
    std::vector<std::string> expected;
    bool without_effect = false;
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        without_effect |= line == "## Without effect";
        if (without_effect && !line.empty() && line.front() != '#') {
            expected.push_back("rabbitmq.conf:" + std::to_string(number) + ": '" + line.substr(0, line.find(" =")) +
                               "' is accepted, but has no effect in this version");
        }
    }
    REQUIRE(expected.size() > 50);
    std::vector<std::string> warnings = loaded.warnings;
    std::ranges::sort(warnings);
    std::ranges::sort(expected);
    CHECK(warnings == expected);
}

TEST_CASE("every key: what would silently do something else is refused with the reason", "[config]") {
    struct Row {
        std::string text, reason;
    };
    const Row rows[] = {
        {"auth_backends.1 = ldap",
         "rabbitmq.conf:1: auth_backends.1 = ldap: expected one of internal, rabbit_auth_backend_internal"},
        {"default_queue_type = stream",
         "rabbitmq.conf:1: default_queue_type = stream: expected classic or quorum; there are no streams in this "
         "version"},
        {"management.listener.ssl = true",
         "rabbitmq.conf:1: management.listener.ssl = true: expected false; with TLS: management.ssl.port"},
        {"management.disable_basic_auth = true",
         "rabbitmq.conf:1: management.disable_basic_auth = true: expected false; HTTP Basic stays a way to log in"},
        {"management.enable_uaa = true",
         "rabbitmq.conf:1: management.enable_uaa = true: expected false; there is no OAuth"},
        {"default_pass = encrypted:abc", "rabbitmq.conf:1: default_pass = ***: encrypted values are not supported"},
        {"no_such_key = 1", "rabbitmq.conf:1: unknown key 'no_such_key' (--print-default-config lists all keys)"},
    };
    for (const Row& row : rows) {
        CHECK(error_of(row.text) == row.reason);
    }
}
