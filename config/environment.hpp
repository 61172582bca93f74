// The environment variables of rabbitmq-server that we honour. As there, they win over the file.
#pragma once

#include "config/loader.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace config {

// How a variable is found; empty values count as unset.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

Environment process_environment();

// Replaces the file's assignments by those of the environment.
void assign_environment(Loader& loader, const Environment& environment);

// RABBITMQ_NODENAME, by default rabbit@HOST; a name without "@" gets the host's.
std::string node_name(const Environment& environment, const std::string& host_name);
std::string host_name(const Environment& environment); // short, unless RABBITMQ_USE_LONGNAME is true
std::string short_host_name();

// Throws Error when a variable is set that RabbitMQ's image has refused since 3.9: it would do nothing, which nobody
// expects of one about TLS, and there is a key for it.
void refuse_removed_variables(const Environment& environment);

// One warning for each variable of RabbitMQ that is set and has no effect here.
std::vector<std::string> environment_warnings(const Environment& environment);

} // namespace config
