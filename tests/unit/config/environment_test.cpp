#include "tests/unit/config/support.hpp"

#include <catch2/catch.hpp>

using namespace config;

namespace {

Settings settings_with(const std::string& file, std::map<std::string, std::string> variables) {
    Loader loader;
    loader.assign_all(parse_config(file, "rabbitmq.conf"));
    assign_environment(loader, environment_of(std::move(variables)));
    return loader.load().settings;
}

} // namespace

TEST_CASE("environment: port and address of the node replace the file's listeners", "[config]") {
    const std::string file = "listeners.tcp.default = 5680\nlisteners.tcp.other = 5681\n";
    CHECK(settings_with(file, {}).tcp_listeners.size() == 2);
    CHECK(settings_with(file, {{"RABBITMQ_NODE_PORT", "5690"}}).tcp_listeners ==
          std::vector<Endpoint>{{"0.0.0.0", 5690}});
    CHECK(settings_with(file, {{"RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"}}).tcp_listeners ==
          std::vector<Endpoint>{{"127.0.0.1", 5672}});
    CHECK(settings_with(file, {{"RABBITMQ_NODE_IP_ADDRESS", "::1"}, {"RABBITMQ_NODE_PORT", "0"}}).tcp_listeners ==
          std::vector<Endpoint>{{"::1", 0}});
}

TEST_CASE("environment: user, password and virtual host win over the file", "[config]") {
    const auto settings = settings_with("default_user = file\ndefault_vhost = file\n",
                                        {{"RABBITMQ_DEFAULT_USER", "ann"}, {"RABBITMQ_DEFAULT_PASS", "s3cret"}});
    CHECK(settings.default_user.name == "ann");
    CHECK(settings.default_user.password.reveal() == "s3cret");
    CHECK(settings.default_vhost == "file");
    CHECK(settings_with("", {{"RABBITMQ_DEFAULT_VHOST", "hutch"}}).default_vhost == "hutch");
}

TEST_CASE("environment: an error names the variable", "[config]") {
    CHECK_THROWS_WITH(settings_with("", {{"RABBITMQ_NODE_PORT", "abc"}}),
                      "RABBITMQ_NODE_PORT=abc: expected PORT or ADDRESS:PORT, the port from 0 to 65535");
}

TEST_CASE("environment: the node's name has the host's when it has none", "[config]") {
    CHECK(node_name(environment_of({}), "warren") == "rabbit@warren");
    CHECK(node_name(environment_of({{"RABBITMQ_NODENAME", "hare"}}), "warren") == "hare@warren");
    CHECK(node_name(environment_of({{"RABBITMQ_NODENAME", "hare@field"}}), "warren") == "hare@field");
}

TEST_CASE("environment: a variable without effect is named in a warning", "[config]") {
    CHECK(environment_warnings(environment_of({{"RABBITMQ_PLUGINS_DIR", "/p"}})) ==
          std::vector<std::string>{"RABBITMQ_PLUGINS_DIR is accepted, but has no effect in this version"});
    CHECK(environment_warnings(environment_of({})).empty());
}

TEST_CASE("environment: places of data and logs", "[config]") {
    const auto settings =
        settings_with("leveret.data_dir = /file\nlog.file = file.log\n",
                      {{"RABBITMQ_MNESIA_BASE", "/var/lib/rabbitmq"}, {"RABBITMQ_LOG_BASE", "/logs"}});
    CHECK(settings.data_dir == "/var/lib/rabbitmq/leveret");
    CHECK(settings.log.directory == "/logs");
    CHECK(settings_with("", {{"RABBITMQ_MNESIA_DIR", "/d"}}).data_dir == "/d/leveret");
    const auto file = settings_with("", {{"RABBITMQ_LOGS", "/logs/a.log"}}).log;
    CHECK((file.file == "/logs/a.log" && !file.console));
    const auto console = settings_with("log.file = a.log\nlog.console = false", {{"RABBITMQ_LOGS", "-"}}).log;
    CHECK((console.file.empty() && console.console));
}

TEST_CASE("environment: Bitnami's names of user, password and virtual host", "[config]") {
    const auto settings = settings_with("", {{"RABBITMQ_USERNAME", "ann"},
                                             {"RABBITMQ_PASSWORD", "s3cret"},
                                             {"RABBITMQ_VHOST", "hutch"},
                                             {"RABBITMQ_DEFAULT_VHOST", "warren"}});
    CHECK(settings.default_user.name == "ann");
    CHECK(settings.default_user.password.reveal() == "s3cret");
    CHECK(settings.default_vhost == "warren");
}

TEST_CASE("environment: a variable that RabbitMQ has removed is refused, and the key named", "[config]") {
    CHECK_NOTHROW(refuse_removed_variables(environment_of({{"RABBITMQ_DEFAULT_USER", "ann"}})));
    CHECK_THROWS_WITH(refuse_removed_variables(environment_of({{"RABBITMQ_SSL_KEYFILE", "/k"}})),
                      "RABBITMQ_SSL_KEYFILE is not supported, as with RabbitMQ since 3.9: use the key "
                      "ssl_options.keyfile");
    CHECK_THROWS_WITH(refuse_removed_variables(environment_of({{"RABBITMQ_HIPE_COMPILE", "1"}})),
                      "RABBITMQ_HIPE_COMPILE is not supported, as with RabbitMQ since 3.9");
}

TEST_CASE("environment: RABBITMQ_USE_LONGNAME keeps the host's whole name", "[config]") {
    CHECK(host_name(environment_of({})) == short_host_name());
    CHECK(host_name(environment_of({{"RABBITMQ_USE_LONGNAME", "true"}})).starts_with(short_host_name()));
}
