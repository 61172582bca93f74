#include "cli/call.hpp"
#include "cli/command_table.hpp"
#include "cli/usage.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <sstream>

using namespace cli;

namespace {

// The names in braces of a template.
std::set<std::string> names_in(std::string_view text) {
    std::set<std::string> names;
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
        names.emplace(text.substr(open + 1, text.find('}', open) - open - 1));
    }
    return names;
}

std::set<std::string> names_known_to(const Command& command) {
    std::set<std::string> names{"vhost", "node", "timeout", "words"};
    const Usage usage = parse_usage(command.usage);
    for (const Positional& positional : usage.positionals) {
        names.insert(positional.name);
    }
    for (const Option& option : usage.options) {
        names.insert(option.name);
    }
    return names;
}

} // namespace

TEST_CASE("command table: every command has a name of its own and says what it does", "[cli]") {
    std::set<std::string_view> names;
    for (const Command* const command : all_commands()) {
        INFO(command->name);
        CHECK(names.insert(command->name).second);
        CHECK_FALSE(command->description.empty());
        CHECK(find_command(command->name) == command);
        CHECK((command->run != nullptr || !command->request.path.empty()));
        CHECK((command->is_local || !command->heading.empty()));
    }
}

TEST_CASE("command table: templates name only what the command knows", "[cli]") {
    for (const Command* const command : all_commands()) {
        INFO(command->name);
        const std::set<std::string> known = names_known_to(*command);
        for (const std::string_view text :
             {command->heading, command->request.path, command->result, command->missing.text}) {
            for (const std::string& name : names_in(text)) {
                CHECK(known.contains(name));
            }
        }
        std::istringstream body{std::string(command->request.body)};
        for (std::string field; body >> field;) {
            CHECK(known.contains(field.substr(field.find('=') + 1)));
        }
        std::istringstream defaults{std::string(command->defaults)};
        for (std::string each; defaults >> each;) {
            CHECK(known.contains(each.substr(0, each.find('='))));
        }
    }
}

TEST_CASE("command table: the usual columns are columns", "[cli]") {
    for (const Command* const command : all_commands()) {
        INFO(command->name);
        const Call call(*command, {}, {});
        CHECK(chosen_columns(call).empty() == command->columns.empty());
    }
}

TEST_CASE("command table: what is in a virtual host says so in its usage", "[cli]") {
    for (const Command* const command : all_commands()) {
        INFO(command->name);
        if (command->request.path.find("{vhost}") != std::string_view::npos) {
            CHECK(command->usage.find("[--vhost <vhost>]") != std::string_view::npos);
        }
    }
}

TEST_CASE("command table: rabbitmqctl's everyday commands are there", "[cli]") {
    const char* const names[] = {"list_queues",
                                 "list_exchanges",
                                 "list_bindings",
                                 "list_connections",
                                 "list_channels",
                                 "list_consumers",
                                 "list_vhosts",
                                 "list_users",
                                 "list_permissions",
                                 "list_user_permissions",
                                 "list_topic_permissions",
                                 "list_policies",
                                 "list_operator_policies",
                                 "list_parameters",
                                 "list_global_parameters",
                                 "list_vhost_limits",
                                 "list_user_limits",
                                 "add_user",
                                 "delete_user",
                                 "change_password",
                                 "authenticate_user",
                                 "set_user_tags",
                                 "set_permissions",
                                 "clear_permissions",
                                 "set_topic_permissions",
                                 "clear_topic_permissions",
                                 "add_vhost",
                                 "delete_vhost",
                                 "set_policy",
                                 "clear_policy",
                                 "set_operator_policy",
                                 "clear_operator_policy",
                                 "set_parameter",
                                 "clear_parameter",
                                 "set_global_parameter",
                                 "clear_global_parameter",
                                 "set_vhost_limits",
                                 "clear_vhost_limits",
                                 "set_user_limits",
                                 "clear_user_limits",
                                 "purge_queue",
                                 "delete_queue",
                                 "close_connection",
                                 "close_all_connections",
                                 "trace_on",
                                 "trace_off",
                                 "export_definitions",
                                 "import_definitions",
                                 "status",
                                 "ping",
                                 "server_version",
                                 "environment",
                                 "cluster_status",
                                 "listeners",
                                 "check_running",
                                 "check_local_alarms",
                                 "check_port_connectivity",
                                 "check_port_listener",
                                 "check_virtual_hosts",
                                 "alarms",
                                 "memory_breakdown",
                                 "help",
                                 "version",
                                 "peek",
                                 "move",
                                 "copy",
                                 "explain",
                                 "backup"};
    for (const char* const name : names) {
        INFO(name);
        CHECK(find_command(name) != nullptr);
    }
    CHECK(find_command("eval") == nullptr);
}
