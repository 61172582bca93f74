#include "config/environment.hpp"

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
    constexpr std::array<std::pair<const char*, const char*>, 3> variables{
        {{"RABBITMQ_DEFAULT_USER", "default_user"},
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

std::string short_host_name() {
    std::array<char, 256> buffer{};
    if (::gethostname(buffer.data(), buffer.size() - 1) != 0 || buffer.front() == '\0')
        return "localhost";
    const std::string name(buffer.data());
    return name.substr(0, name.find('.'));
}

std::vector<std::string> environment_warnings(const Environment& environment) {
    std::vector<std::string> warnings;
    for (const char* variable : {"RABBITMQ_CONFIG_FILES", "RABBITMQ_ADVANCED_CONFIG_FILE", "RABBITMQ_CONF_ENV_FILE",
                                 "RABBITMQ_ENABLED_PLUGINS_FILE", "RABBITMQ_MNESIA_BASE", "RABBITMQ_MNESIA_DIR",
                                 "RABBITMQ_LOG_BASE", "RABBITMQ_LOGS", "RABBITMQ_USE_LONGNAME"})
        if (environment(variable))
            warnings.push_back(std::string(variable) + " is accepted, but has no effect in this version");
    return warnings;
}

} // namespace config
