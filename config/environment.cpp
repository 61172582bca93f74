#include "config/environment.hpp"

#include "config/error.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>

namespace config {

namespace {

Assignment from_variable(const std::string& variable, std::string key, std::string value) {
    return {
        .key = std::move(key), .value = std::move(value), .source = Assignment::Source::environment, .place = variable};
}

void assign_listener(Loader& loader, const Environment& environment) {
    const auto port = environment("RABBITMQ_NODE_PORT");
    const auto address = environment("RABBITMQ_NODE_IP_ADDRESS");
    if (!port && !address)
        return;
    std::string endpoint = port.value_or("5672");
    if (address)
        endpoint = (address->find(':') == std::string::npos ? *address : "[" + *address + "]") + ":" + endpoint;
    loader.forget("listeners.tcp");
    loader.assign(from_variable(port ? "RABBITMQ_NODE_PORT" : "RABBITMQ_NODE_IP_ADDRESS", "listeners.tcp.default",
                                std::move(endpoint)));
}

// Below RabbitMQ's own directory, never in it: its files and ours must not meet.
void assign_places(Loader& loader, const Environment& environment) {
    for (const char* variable : {"RABBITMQ_MNESIA_BASE", "RABBITMQ_MNESIA_DIR"})
        if (const auto directory = environment(variable))
            loader.assign(from_variable(variable, "leveret.data_dir", *directory + "/leveret"));
    if (auto directory = environment("RABBITMQ_LOG_BASE"))
        loader.assign(from_variable("RABBITMQ_LOG_BASE", "log.dir", std::move(*directory)));
    if (auto logs = environment("RABBITMQ_LOGS")) {
        const bool console = *logs == "-" || *logs == "-stderr";
        loader.assign(from_variable("RABBITMQ_LOGS", "log.console", console ? "true" : "false"));
        loader.assign(from_variable("RABBITMQ_LOGS", "log.file", console ? "false" : std::move(*logs)));
    }
}

std::string long_host_name() {
    std::array<char, 256> buffer{};
    const bool known = ::gethostname(buffer.data(), buffer.size() - 1) == 0 && buffer.front() != '\0';
    return known ? buffer.data() : "localhost";
}

} // namespace

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0')
            return std::nullopt;
        return std::string(value);
    };
}

void assign_environment(Loader& loader, const Environment& environment) {
    assign_listener(loader, environment);
    assign_places(loader, environment);
    // The first three are of Bitnami's image.
    constexpr std::array<std::pair<const char*, const char*>, 6> variables{
        {{"RABBITMQ_USERNAME", "default_user"},
         {"RABBITMQ_PASSWORD", "default_pass"},
         {"RABBITMQ_VHOST", "default_vhost"},
         {"RABBITMQ_DEFAULT_USER", "default_user"},
         {"RABBITMQ_DEFAULT_PASS", "default_pass"},
         {"RABBITMQ_DEFAULT_VHOST", "default_vhost"}}};
    for (const auto& [variable, key] : variables)
        if (auto value = environment(variable))
            loader.assign(from_variable(variable, key, std::move(*value)));
}

std::string node_name(const Environment& environment, const std::string& host_name) {
    std::string name = environment("RABBITMQ_NODENAME").value_or("rabbit");
    return name.find('@') == std::string::npos ? name + "@" + host_name : name;
}

std::string host_name(const Environment& environment) {
    return environment("RABBITMQ_USE_LONGNAME") == "true" ? long_host_name() : short_host_name();
}

std::string short_host_name() {
    const std::string name = long_host_name();
    return name.substr(0, name.find('.'));
}

void refuse_removed_variables(const Environment& environment) {
    constexpr std::array<std::pair<const char*, const char*>, 16> removed{
        {{"RABBITMQ_DEFAULT_USER_FILE", "default_user"},
         {"RABBITMQ_DEFAULT_PASS_FILE", "default_pass"},
         {"RABBITMQ_VM_MEMORY_HIGH_WATERMARK", "vm_memory_high_watermark.relative"},
         {"RABBITMQ_HIPE_COMPILE", nullptr},
         {"RABBITMQ_SSL_CACERTFILE", "ssl_options.cacertfile"},
         {"RABBITMQ_SSL_CERTFILE", "ssl_options.certfile"},
         {"RABBITMQ_SSL_KEYFILE", "ssl_options.keyfile"},
         {"RABBITMQ_SSL_DEPTH", "ssl_options.depth"},
         {"RABBITMQ_SSL_VERIFY", "ssl_options.verify"},
         {"RABBITMQ_SSL_FAIL_IF_NO_PEER_CERT", "ssl_options.fail_if_no_peer_cert"},
         {"RABBITMQ_MANAGEMENT_SSL_CACERTFILE", "management.ssl.cacertfile"},
         {"RABBITMQ_MANAGEMENT_SSL_CERTFILE", "management.ssl.certfile"},
         {"RABBITMQ_MANAGEMENT_SSL_KEYFILE", "management.ssl.keyfile"},
         {"RABBITMQ_MANAGEMENT_SSL_DEPTH", "management.ssl.depth"},
         {"RABBITMQ_MANAGEMENT_SSL_VERIFY", "management.ssl.verify"},
         {"RABBITMQ_MANAGEMENT_SSL_FAIL_IF_NO_PEER_CERT", "management.ssl.fail_if_no_peer_cert"}}};
    for (const auto& [variable, key] : removed)
        if (environment(variable))
            throw Error(std::string(variable) + " is not supported, as with RabbitMQ since 3.9" +
                        (key == nullptr ? "" : ": use the key " + std::string(key)));
}

std::vector<std::string> environment_warnings(const Environment& environment) {
    std::vector<std::string> warnings;
    for (const char* variable :
         {"RABBITMQ_ADVANCED_CONFIG_FILE", "RABBITMQ_CONF_ENV_FILE", "RABBITMQ_CTL_ERL_ARGS",
          "RABBITMQ_ENABLED_PLUGINS_FILE", "RABBITMQ_ERLANG_COOKIE", "RABBITMQ_FEATURE_FLAGS",
          "RABBITMQ_MAX_OPEN_FILES", "RABBITMQ_PLUGINS", "RABBITMQ_PLUGINS_DIR", "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"})
        if (environment(variable))
            warnings.push_back(std::string(variable) + " is accepted, but has no effect in this version");
    return warnings;
}

} // namespace config
