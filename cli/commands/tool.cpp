// What leveretctl does without a broker.
#include "cli/commands/tables.hpp"
#include "cli/documents.hpp"
#include "cli/secrets.hpp"

#include <array>

namespace cli {
namespace {

Report text_report(const std::string& text) {
    return {text, boost::json::object{{"result", "ok"}, {"value", text}}};
}

Output help(const Call& call, Api&) {
    if (!call.has("command")) {
        return text_report(overview_of_commands());
    }
    const Command* const command = find_command(call.value("command"));
    if (command == nullptr) {
        throw Failure(ExitCode::usage, call.expand("\nCommand '{command}' not found."));
    }
    return text_report(help_of(*command));
}

Output completion(const Call& call, Api&) {
    return text_report(completion_for(call.value("shell")));
}

Output hash_password(const Call& call, Api&) {
    const std::string password = call.has("password") ? call.value("password") : read_secret("Password: ");
    if (password.empty()) {
        throw bad_usage(call.command(), "password cannot be an empty string");
    }
    return Line{salted_hash(password, random_salt())};
}

Output manual(const Call&, Api&) {
    return text_report(manual_page());
}

Output version(const Call&, Api&) {
    return Report{
        LEVERETCTL_VERSION "\n",
        boost::json::object{{"result", "ok"}, {"value", boost::json::object{{"version", LEVERETCTL_VERSION}}}}};
}

constexpr auto tool = std::to_array<Command>({
    {.group = Group::help,
     .name = "completion",
     .usage = "<shell>",
     .description = "Writes a completion script for bash, zsh or fish",
     .run = completion,
     .is_local = true},
    {.group = Group::help,
     .name = "help",
     .usage = "[<command>]",
     .description = "Explains all commands, or one",
     .run = help,
     .is_local = true},
    {.group = Group::users,
     .name = "hash_password",
     .usage = "[<password>]",
     .description = "Hashes a password (SHA-256, salted) for definitions; without the argument it is asked for",
     .run = hash_password,
     .is_local = true},
    {.group = Group::help, .name = "manual", .description = "Writes the manual page", .run = manual, .is_local = true},
    {.group = Group::help,
     .name = "version",
     .description = "Shows the version of leveretctl",
     .run = version,
     .is_local = true},
});

} // namespace

std::span<const Command> tool_commands() {
    return tool;
}

} // namespace cli
