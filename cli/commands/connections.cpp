// Closing connections of clients, with a reason that they are told.
#include "cli/commands/tables.hpp"

#include <array>

namespace cli {
namespace {

using enum Verb;

void close(Api& api, const std::string& path, const std::string& reason) {
    api.send({delete_, path, {}, {{"X-Reason", reason}}});
}

Output close_connection(const Call& call, Api& api) {
    close(api, call.expand_target("/connections/{connection_pid}"), call.value("explanation"));
    return Line{};
}

Output close_all_connections(const Call& call, Api& api) {
    const std::string limit = call.value("limit");
    if (limit.empty() || limit.size() > 9 || limit.find_first_not_of("0123456789") != std::string::npos) {
        throw bad_usage(call.command(), "Invalid options for this command:\n--limit : " + limit);
    }
    std::size_t count = 0;
    if (!call.has("global")) {
        api.get(call.expand_target("/vhosts/{vhost}?columns=name"));
    }
    const boost::json::value all = api.get("/connections?columns=name,vhost");
    for (const boost::json::value& connection : all.as_array()) {
        if ((limit != "0" && count == std::stoul(limit)) ||
            (!call.has("global") && string_of(connection, "vhost") != call.value("vhost"))) {
            continue;
        }
        try {
            const std::string name(field_of(connection, "name").as_string());
            close(api, "/connections/" + percent_encoded(name), call.value("explanation"));
            ++count;
        } catch (const ApiError& error) {
            if (error.status() != 404) { // it had gone by itself
                throw;
            }
        }
    }
    return Line{"Closed " + std::to_string(count) + " connections"};
}

Output close_all_user_connections(const Call& call, Api& api) {
    close(api, call.expand_target("/connections/username/{username}"), call.value("explanation"));
    return Line{};
}

constexpr auto connections = std::to_array<Command>({
    {.group = Group::operations,
     .name = "close_all_connections",
     .usage = "[--vhost <vhost>] [--global] [--limit <limit>] <explanation>",
     .description = "Closes the connections of a virtual host, or all",
     .heading = "Closing connections in vhost {vhost}, reason: {explanation}...",
     .defaults = "limit=0",
     .run = close_all_connections,
     .is_long = true},
    {.group = Group::operations,
     .name = "close_all_user_connections",
     .usage = "<username> <explanation>",
     .description = "Closes all connections of a user",
     .heading = "Closing connections of user {username}, reason: {explanation}...",
     .missing = {.is_success = true},
     .run = close_all_user_connections},
    {.group = Group::operations,
     .name = "close_connection",
     .usage = "<connection_pid> <explanation>",
     .description = "Closes the connection that list_connections shows with this pid or name",
     .heading = "Closing connection {connection_pid}, reason: {explanation}...",
     .missing = {ExitCode::unavailable, "No connection {connection_pid}"},
     .run = close_connection},
});

} // namespace

std::span<const Command> connection_commands() {
    return connections;
}

} // namespace cli
