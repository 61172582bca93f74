// Virtual hosts, their limits, tags and tracing.
#include "cli/commands/tables.hpp"

#include <boost/json/serialize.hpp>

#include <array>

namespace cli {
namespace {

using enum Verb;

constexpr Missing no_such_vhost{ExitCode::data, "Virtual host '{name}' does not exist"};
constexpr Column vhost_columns[] = {
    {"name"},    {"description"}, {"tags", {}, Form::names}, {"default_queue_type"},
    {"tracing"}, {"metadata"},    {"cluster_state"},         {"protected_from_deletion"}};
constexpr Column limit_columns[] = {{"vhost"}, {"limits", "value", Form::json}};

// The API has one path a limit; as in rabbitmqctl the definition says all of them, so others go.
Output set_vhost_limits(const Call& call, Api& api) {
    const boost::json::value limits = parse_json(call.value("definition"));
    if (!limits.is_object()) {
        throw failed(ExitCode::unavailable, "Limits are a JSON object");
    }
    const std::string path = call.expand_target("/vhost-limits/{vhost}");
    const boost::json::value before = api.get(path);
    for (const auto& [name, value] : limits.get_object()) {
        api.send(put, path + "/" + percent_encoded({name.data(), name.size()}), {{"value", value}});
    }
    if (!before.as_array().empty()) {
        for (const auto& [name, value] : field_of(before.get_array()[0], "value").as_object()) {
            if (!limits.get_object().contains(name)) {
                api.send(delete_, path + "/" + percent_encoded({name.data(), name.size()}));
            }
        }
    }
    return Line{};
}

Output clear_vhost_limits(const Call& call, Api& api) {
    const std::string path = call.expand_target("/vhost-limits/{vhost}");
    api.get(path);
    for (const char* const name : {"/max-connections", "/max-queues"}) {
        api.send(delete_, path + name);
    }
    return Line{};
}

Output list_vhost_limits(const Call& call, Api& api) {
    if (call.has("global")) {
        return Rows{{std::begin(limit_columns), std::end(limit_columns)}, api.get("/vhost-limits").as_array()};
    }
    const boost::json::value limits = api.get(call.expand_target("/vhost-limits/{vhost}"));
    const bool none = limits.as_array().empty();
    return Line{none ? "" : cell_text(limits.get_array()[0], {"limits", "value", Form::json})};
}

// What is not given stays as it is when the virtual host exists.
Output add_vhost(const Call& call, Api& api) {
    boost::json::object body;
    for (const char* const name : {"description", "tags", "default_queue_type"}) {
        if (call.has(name)) {
            body[name] = call.value(name);
        }
    }
    api.send(put, call.expand_target("/vhosts/{name}"), body);
    return Line{};
}

// PUT alone would make a virtual host that a typing mistake named.
Output update_vhost_metadata(const Call& call, Api& api) {
    api.get(call.expand_target("/vhosts/{name}"));
    return add_vhost(call, api);
}

Output set_vhost_tags(const Call& call, Api& api) {
    const std::string path = call.expand_target("/vhosts/{name}");
    api.get(path);
    boost::json::array tags;
    for (const std::string& tag : call.words()) {
        tags.emplace_back(tag);
    }
    api.send(put, path, {{"tags", tags}});
    return Line{};
}

Output set_tracing(const Call& call, Api& api, bool on) {
    const std::string path = call.expand_target("/vhosts/{vhost}");
    api.get(path);
    api.send(put, path, {{"tracing", on}});
    return Line{call.expand(on ? "Trace enabled for vhost {vhost}" : "Trace disabled for vhost {vhost}")};
}
Output trace_on(const Call& call, Api& api) {
    return set_tracing(call, api, true);
}
Output trace_off(const Call& call, Api& api) {
    return set_tracing(call, api, false);
}

constexpr auto virtual_hosts = std::to_array<Command>({
    {.group = Group::virtual_hosts,
     .name = "add_vhost",
     .usage = "<name> [--description <description>] [--tags <tags>] [--default-queue-type <type>]",
     .description = "Creates a virtual host",
     .heading = "Adding vhost \"{name}\" ...",
     .run = add_vhost},
    {.group = Group::virtual_hosts,
     .name = "clear_vhost_limits",
     .usage = "[--vhost <vhost>]",
     .description = "Clears a virtual host's limits",
     .heading = "Clearing vhost \"{vhost}\" limits ...",
     .missing = {.is_success = true},
     .run = clear_vhost_limits},
    {.group = Group::virtual_hosts,
     .name = "delete_vhost",
     .usage = "<name>",
     .description = "Deletes a virtual host with all that is in it",
     .heading = "Deleting vhost \"{name}\" ...",
     .request = {delete_, "/vhosts/{name}"},
     .missing = no_such_vhost},
    {.group = Group::virtual_hosts,
     .name = "disable_vhost_deletion_protection",
     .usage = "<name>",
     .description = "Lets a virtual host be deleted again",
     .heading = "Removing deletion protection of vhost \"{name}\" ...",
     .request = {delete_, "/vhosts/{name}/deletion/protection"},
     .missing = no_such_vhost},
    {.group = Group::virtual_hosts,
     .name = "enable_vhost_deletion_protection",
     .usage = "<name>",
     .description = "Protects a virtual host from being deleted",
     .heading = "Protecting vhost \"{name}\" from deletion ...",
     .request = {post, "/vhosts/{name}/deletion/protection"},
     .missing = no_such_vhost},
    {.group = Group::virtual_hosts,
     .name = "list_vhost_limits",
     .usage = "[--vhost <vhost>] [--global]",
     .description = "Shows the limits of a virtual host, or of all",
     .heading = "Listing limits for vhost \"{vhost}\" ...",
     .columns = limit_columns,
     .run = list_vhost_limits},
    {.group = Group::virtual_hosts,
     .name = "list_vhosts",
     .usage = "[--no-table-headers] [<column> ...]",
     .description = "Lists virtual hosts",
     .heading = "Listing vhosts ...",
     .request = {get, "/vhosts"},
     .columns = vhost_columns,
     .shown = "name"},
    {.group = Group::virtual_hosts,
     .name = "restart_vhost",
     .usage = "[--vhost <vhost>]",
     .description = "Says that a virtual host is running: none stops while the broker runs",
     .heading = "Trying to restart vhost '{vhost}' on node '{node}' ...",
     .request = {post, "/vhosts/{vhost}/start/{node}"},
     .result = "Vhost '{vhost}' is already running on node '{node}'"},
    {.group = Group::virtual_hosts,
     .name = "set_vhost_limits",
     .usage = "[--vhost <vhost>] <definition>",
     .description = "Sets a virtual host's limits: {\"max-connections\":100,\"max-queues\":50}",
     .heading = "Setting vhost limits to \"{definition}\" for vhost \"{vhost}\" ...",
     .run = set_vhost_limits},
    {.group = Group::virtual_hosts,
     .name = "set_vhost_tags",
     .usage = "<name> [<tag> ...]",
     .description = "Replaces a virtual host's tags",
     .heading = "Setting tags for virtual host \"{name}\" to [{words}] ...",
     .missing = no_such_vhost,
     .run = set_vhost_tags},
    {.group = Group::virtual_hosts,
     .name = "trace_off",
     .usage = "[--vhost <vhost>]",
     .description = "Stops tracing messages of a virtual host",
     .heading = "Stopping tracing for vhost \"{vhost}\" ...",
     .run = trace_off},
    {.group = Group::virtual_hosts,
     .name = "trace_on",
     .usage = "[--vhost <vhost>]",
     .description = "Copies each message of a virtual host to amq.rabbitmq.trace",
     .heading = "Starting tracing for vhost \"{vhost}\" ...",
     .run = trace_on},
    {.group = Group::virtual_hosts,
     .name = "update_vhost_metadata",
     .usage = "<name> [--description <description>] [--tags <tags>] [--default-queue-type <type>]",
     .description = "Changes what is said of a virtual host; what is not given stays",
     .heading = "Updating metadata of vhost \"{name}\" ...",
     .missing = no_such_vhost,
     .run = update_vhost_metadata},
});

} // namespace

std::span<const Command> virtual_host_commands() {
    return virtual_hosts;
}

} // namespace cli
