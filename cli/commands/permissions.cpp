// Who may do what in which virtual host.
#include "cli/commands/tables.hpp"

#include <array>

namespace cli {
namespace {

using enum Verb;

constexpr Missing nothing_to_clear{.is_success = true};
constexpr Column of_vhost[] = {{"user"}, {"configure"}, {"write"}, {"read"}};
constexpr Column of_user[] = {{"vhost"}, {"configure"}, {"write"}, {"read"}};
constexpr Column topics_of_vhost[] = {{"user"}, {"exchange"}, {"write"}, {"read"}};
constexpr Column topics_of_user[] = {{"vhost"}, {"exchange"}, {"write"}, {"read"}};

Output set_permissions_globally(const Call& call, Api& api) {
    const boost::json::object body = call.body("configure=conf write=write read=read");
    const boost::json::value virtual_hosts = api.get("/vhosts?columns=name");
    for (const boost::json::value& virtual_host : virtual_hosts.as_array()) {
        const std::string path = "/permissions/" + percent_encoded(string_of(virtual_host, "name"));
        api.send(put, path + call.expand_target("/{username}"), body);
    }
    return Line{};
}

constexpr auto permissions = std::to_array<Command>({
    {.group = Group::access,
     .name = "clear_permissions",
     .usage = "[--vhost <vhost>] <username>",
     .description = "Revokes a user's permissions in a virtual host",
     .heading = "Clearing permissions for user \"{username}\" in vhost \"{vhost}\" ...",
     .request = {delete_, "/permissions/{vhost}/{username}"},
     .missing = nothing_to_clear},
    {.group = Group::access,
     .name = "clear_topic_permissions",
     .usage = "[--vhost <vhost>] <username> [<exchange>]",
     .description = "Revokes a user's topic permissions, of one exchange or of all",
     .heading = "Clearing topic permissions for user \"{username}\" in vhost \"{vhost}\" ...",
     .request = {delete_, "/topic-permissions/{vhost}/{username}/{exchange}"},
     .missing = nothing_to_clear},
    {.group = Group::access,
     .name = "list_permissions",
     .usage = "[--vhost <vhost>] [--no-table-headers]",
     .description = "Lists the permissions in a virtual host",
     .heading = "Listing permissions for vhost \"{vhost}\" ...",
     .request = {get, "/vhosts/{vhost}/permissions"},
     .columns = of_vhost},
    {.group = Group::access,
     .name = "list_topic_permissions",
     .usage = "[--vhost <vhost>] [--no-table-headers]",
     .description = "Lists the topic permissions in a virtual host",
     .heading = "Listing topic permissions for vhost \"{vhost}\" ...",
     .request = {get, "/vhosts/{vhost}/topic-permissions"},
     .columns = topics_of_vhost},
    {.group = Group::access,
     .name = "list_user_permissions",
     .usage = "[--no-table-headers] <username>",
     .description = "Lists a user's permissions in all virtual hosts",
     .heading = "Listing permissions for user \"{username}\" ...",
     .request = {get, "/users/{username}/permissions"},
     .columns = of_user},
    {.group = Group::access,
     .name = "list_user_topic_permissions",
     .usage = "[--no-table-headers] <username>",
     .description = "Lists a user's topic permissions in all virtual hosts",
     .heading = "Listing topic permissions for user \"{username}\" ...",
     .request = {get, "/users/{username}/topic-permissions"},
     .columns = topics_of_user},
    {.group = Group::access,
     .name = "set_permissions",
     .usage = "[--vhost <vhost>] <username> <conf> <write> <read>",
     .description = "Sets a user's permissions in a virtual host: three regular expressions",
     .heading = "Setting permissions for user \"{username}\" in vhost \"{vhost}\" ...",
     .request = {put, "/permissions/{vhost}/{username}", "configure=conf write=write read=read"}},
    {.group = Group::access,
     .name = "set_permissions_globally",
     .usage = "<username> <conf> <write> <read>",
     .description = "Sets a user's permissions in every virtual host that there is",
     .heading = "Setting permissions for user \"{username}\" in all virtual hosts ...",
     .run = set_permissions_globally},
    {.group = Group::access,
     .name = "set_topic_permissions",
     .usage = "[--vhost <vhost>] <username> <exchange> <write> <read>",
     .description = "Sets a user's permissions for routing keys of a topic exchange",
     .heading = "Setting topic permissions on \"{exchange}\" for user \"{username}\" in vhost \"{vhost}\" ...",
     .request = {put, "/topic-permissions/{vhost}/{username}", "exchange=exchange write=write read=read"}},
});

} // namespace

std::span<const Command> permission_commands() {
    return permissions;
}

} // namespace cli
