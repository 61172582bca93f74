// Users, their passwords, tags and limits.
#include "cli/commands/tables.hpp"
#include "cli/secrets.hpp"

#include <array>

namespace cli {
namespace {

using enum Verb;

constexpr Missing no_such_user{ExitCode::no_user, "User \"{username}\" does not exist"};
constexpr Column user_columns[] = {{"user", "name"}, {"tags", {}, Form::names}};
constexpr Column limit_columns[] = {{"user"}, {"limits", "value", Form::json}};

std::string new_password(const Call& call) {
    return call.has("password") ? call.value("password") : read_secret("Password: ");
}

Output add_user(const Call& call, Api& api) {
    const std::string path = call.expand_target("/users/{username}");
    const std::string password = new_password(call);
    if (api.find(path)) {
        throw failed(ExitCode::software, call.expand("User \"{username}\" already exists"));
    }
    api.send(put, path, {{"password", password}, {"tags", ""}});
    const bool quiet = call.has("quiet");
    return Line{quiet ? ""
                      : "Done. Don't forget to grant the user permissions to some virtual hosts! "
                        "See 'leveretctl help set_permissions' to learn more."};
}

Output change_password(const Call& call, Api& api) {
    const std::string path = call.expand_target("/users/{username}");
    const boost::json::value tags = field_of(api.get(path), "tags");
    api.send(put, path, {{"password", new_password(call)}, {"tags", tags}});
    return Line{};
}

Output clear_password(const Call& call, Api& api) {
    const std::string path = call.expand_target("/users/{username}");
    const boost::json::value tags = field_of(api.get(path), "tags");
    api.send(put, path, {{"password_hash", ""}, {"tags", tags}});
    return Line{};
}

// PUT replaces a user as a whole: what is not to change is sent back as it was.
Output set_user_tags(const Call& call, Api& api) {
    const std::string path = call.expand_target("/users/{username}");
    boost::json::object user = api.get(path).as_object();
    boost::json::array tags;
    for (const std::string& tag : call.words()) {
        tags.emplace_back(tag);
    }
    boost::json::object changed{{"tags", tags}};
    for (const char* kept : {"password_hash", "hashing_algorithm"}) {
        if (user.contains(kept)) {
            changed[kept] = user[kept];
        }
    }
    api.send(put, path, changed);
    return Line{};
}

// Asks who these credentials are; whoever may not use the API has still been let in.
Output authenticate_user(const Call& call, Api& api) {
    HttpRequest request{get, "/whoami", {}, {}, call.value("username"), new_password(call)};
    try {
        api.send(request);
    } catch (const ApiError& error) {
        const bool is_known =
            error.error() == "not_authorised" && std::string_view(error.what()) == "Not management user";
        if (error.status() != 401) {
            throw;
        }
        if (!is_known) {
            throw failed(ExitCode::data, call.expand("Error: failed to authenticate user \"{username}\"\n"
                                                     "user '{username}' - invalid credentials"));
        }
    }
    return Line{"Success"};
}

Output set_user_limits(const Call& call, Api& api) {
    const boost::json::value limits = parse_json(call.value("definition"));
    if (!limits.is_object()) {
        throw failed(ExitCode::unavailable, "Limits are a JSON object");
    }
    const std::string path = call.expand_target("/user-limits/{username}");
    for (const auto& [name, value] : limits.get_object()) {
        api.send(put, path + "/" + percent_encoded({name.data(), name.size()}), {{"value", value}});
    }
    return Line{};
}

Output clear_user_limits(const Call& call, Api& api) {
    const std::string path = call.expand_target("/user-limits/{username}");
    api.get(path);
    const bool every = call.value("limit") == "all";
    for (const char* const name : {"max-connections", "max-channels"}) {
        if (every || call.value("limit") == name) {
            api.send(delete_, path + "/" + name);
        }
    }
    return Line{};
}

Output list_user_limits(const Call& call, Api& api) {
    if (call.has("global")) {
        return Rows{{std::begin(limit_columns), std::end(limit_columns)}, api.get("/user-limits").as_array()};
    }
    const std::string user = call.has("user") ? call.value("user") : api.address().user;
    const boost::json::value limits = api.get("/user-limits/" + percent_encoded(user));
    const bool none = limits.as_array().empty();
    return Line{none ? "{}" : cell_text(limits.get_array()[0], {"limits", "value", Form::json})};
}

constexpr auto users = std::to_array<Command>({
    {.group = Group::users,
     .name = "add_user",
     .usage = "<username> [<password>]",
     .description = "Creates a user, who has no permissions yet; without the argument, the password is asked for",
     .heading = "Adding user \"{username}\" ...",
     .run = add_user},
    {.group = Group::users,
     .name = "authenticate_user",
     .usage = "<username> [<password>]",
     .description = "Tries to log in as the user; exits with a non-zero code if that fails",
     .heading = "Authenticating user \"{username}\" ...",
     .run = authenticate_user},
    {.group = Group::users,
     .name = "change_password",
     .usage = "<username> [<password>]",
     .description = "Changes the user's password; without the argument it is asked for",
     .heading = "Changing password for user \"{username}\" ...",
     .missing = no_such_user,
     .run = change_password},
    {.group = Group::users,
     .name = "clear_password",
     .usage = "<username>",
     .description = "Removes the user's password: no login with one any more",
     .heading = "Clearing password for user \"{username}\" ...",
     .missing = no_such_user,
     .run = clear_password},
    {.group = Group::users,
     .name = "clear_user_limits",
     .usage = "<username> <limit>",
     .description = "Clears max-connections, max-channels or all limits of a user",
     .heading = "Clearing \"{limit}\" limit for user \"{username}\" ...",
     .missing = {.is_success = true},
     .run = clear_user_limits},
    {.group = Group::users,
     .name = "delete_user",
     .usage = "<username>",
     .description = "Removes a user",
     .heading = "Deleting user \"{username}\" ...",
     .request = {delete_, "/users/{username}"},
     .missing = no_such_user},
    {.group = Group::users,
     .name = "list_user_limits",
     .usage = "[--user <username>] [--global]",
     .description = "Shows the limits of a user (without option: of the one who asks), or of all",
     .heading = "Listing limits for users ...",
     .columns = limit_columns,
     .run = list_user_limits},
    {.group = Group::users,
     .name = "list_users",
     .usage = "[--no-table-headers]",
     .description = "Lists users and their tags",
     .heading = "Listing users ...",
     .request = {get, "/users"},
     .columns = user_columns},
    {.group = Group::users,
     .name = "set_user_limits",
     .usage = "<username> <definition>",
     .description = "Sets limits of a user: {\"max-connections\":10,\"max-channels\":100}",
     .heading = "Setting user limits to \"{definition}\" for user \"{username}\" ...",
     .missing = no_such_user,
     .run = set_user_limits},
    {.group = Group::users,
     .name = "set_user_tags",
     .usage = "<username> [<tag> ...]",
     .description = "Replaces the user's tags",
     .heading = "Setting tags for user \"{username}\" to [{words}] ...",
     .missing = no_such_user,
     .run = set_user_tags},
});

} // namespace

std::span<const Command> user_commands() {
    return users;
}

} // namespace cli
