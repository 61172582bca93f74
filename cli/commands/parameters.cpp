// Policies, operator policies, runtime parameters and global ones.
#include "cli/commands/tables.hpp"
#include "cli/pattern.hpp"

#include <algorithm>
#include <array>

namespace cli {
namespace {

using enum Verb;

constexpr Missing no_such_parameter{ExitCode::unavailable, "Parameter does not exist"};
constexpr Column policy_columns[] = {{"vhost"},   {"name"}, {"pattern"}, {"apply-to"}, {"definition", {}, Form::json},
                                     {"priority"}};
constexpr Column parameter_columns[] = {{"component"}, {"name"}, {"value", {}, Form::json}};
constexpr Column global_columns[] = {{"name"}, {"value", {}, Form::json}};
constexpr std::string_view policy_usage =
    "[--vhost <vhost>] [--priority <priority>] [--apply-to <apply-to>] <name> <pattern> <definition>";
constexpr std::string_view policy_body = "pattern=pattern definition:=definition priority:=priority apply-to=apply_to";

// `apply-to` of the policies that an object may have; quorum queues and classic ones have words of their own.
bool applies(const boost::json::value& policy, std::string_view kind, const boost::json::value& object) {
    const std::string to = string_of(policy, "apply-to");
    return to == "all" || to == std::string(kind) + "s" ||
           (kind == "queue" && to == string_of(object, "type") + "_queues");
}

// Of those that match only the first counts.
Output list_policies_that_match(const Call& call, Api& api) {
    const std::string& kind = call.value("object_type");
    if (kind != "queue" && kind != "exchange") {
        throw bad_usage(call.command(), "Invalid options for this command:\n--object-type : " + kind);
    }
    const boost::json::value object = api.get(call.expand_target("/{object_type}s/{vhost}/{name}"));
    const boost::json::value all = api.get(call.expand_target("/policies/{vhost}"));
    Rows rows{chosen_columns(call), {}};
    for (const boost::json::value& policy : all.as_array()) {
        if (applies(policy, kind, object) && matches(string_of(policy, "pattern"), call.value("name"))) {
            rows.objects.push_back(policy);
        }
    }
    const auto priority = [](const boost::json::value& policy) {
        return -field_of(policy, "priority").to_number<long>();
    };
    std::ranges::stable_sort(rows.objects, {}, priority);
    return rows;
}

constexpr auto parameters = std::to_array<Command>({
    {.group = Group::parameters,
     .name = "clear_global_parameter",
     .usage = "<name>",
     .description = "Clears a global runtime parameter",
     .heading = "Clearing global runtime parameter \"{name}\" ...",
     .request = {delete_, "/global-parameters/{name}"},
     .missing = no_such_parameter},
    {.group = Group::parameters,
     .name = "clear_parameter",
     .usage = "[--vhost <vhost>] <component> <name>",
     .description = "Clears a runtime parameter",
     .heading = "Clearing runtime parameter \"{name}\" for component \"{component}\" on vhost \"{vhost}\" ...",
     .request = {delete_, "/parameters/{component}/{vhost}/{name}"},
     .missing = no_such_parameter},
    {.group = Group::parameters,
     .name = "list_global_parameters",
     .usage = "[--no-table-headers]",
     .description = "Lists global runtime parameters",
     .heading = "Listing global runtime parameters ...",
     .request = {get, "/global-parameters"},
     .columns = global_columns},
    {.group = Group::parameters,
     .name = "list_parameters",
     .usage = "[--vhost <vhost>] [--no-table-headers]",
     .description = "Lists the runtime parameters of a virtual host",
     .heading = "Listing runtime parameters for vhost \"{vhost}\" ...",
     .columns = parameter_columns,
     .run = [](const Call& call, Api& api) -> Output {
         api.get(call.expand_target("/vhosts/{vhost}?columns=name"));
         boost::json::array here;
         const boost::json::value all = api.get("/parameters");
         for (const boost::json::value& parameter : all.as_array()) {
             if (string_of(parameter, "vhost") == call.value("vhost")) {
                 here.push_back(parameter);
             }
         }
         return Rows{{std::begin(parameter_columns), std::end(parameter_columns)}, std::move(here)};
     }},
    {.group = Group::parameters,
     .name = "set_global_parameter",
     .usage = "<name> <value>",
     .description = "Sets a global runtime parameter; the value is JSON",
     .heading = "Setting global runtime parameter \"{name}\" to \"{value}\" ...",
     .request = {put, "/global-parameters/{name}", "value:=value"}},
    {.group = Group::parameters,
     .name = "set_parameter",
     .usage = "[--vhost <vhost>] <component> <name> <value>",
     .description = "Sets a runtime parameter; the value is JSON",
     .heading =
         "Setting runtime parameter \"{name}\" for component \"{component}\" to \"{value}\" in vhost \"{vhost}\" ...",
     .request = {put, "/parameters/{component}/{vhost}/{name}",
                 "component=component vhost=vhost name=name value:=value"}},

    {.group = Group::policies,
     .name = "clear_operator_policy",
     .usage = "[--vhost <vhost>] <name>",
     .description = "Clears an operator policy",
     .heading = "Clearing operator policy \"{name}\" on vhost \"{vhost}\" ...",
     .request = {delete_, "/operator-policies/{vhost}/{name}"},
     .missing = no_such_parameter},
    {.group = Group::policies,
     .name = "clear_policy",
     .usage = "[--vhost <vhost>] <name>",
     .description = "Clears a policy",
     .heading = "Clearing policy \"{name}\" on vhost \"{vhost}\" ...",
     .request = {delete_, "/policies/{vhost}/{name}"},
     .missing = no_such_parameter},
    {.group = Group::policies,
     .name = "list_operator_policies",
     .usage = "[--vhost <vhost>] [--no-table-headers]",
     .description = "Lists the operator policies of a virtual host",
     .heading = "Listing operator policy overrides for vhost \"{vhost}\" ...",
     .request = {get, "/operator-policies/{vhost}"},
     .columns = policy_columns},
    {.group = Group::policies,
     .name = "list_policies",
     .usage = "[--vhost <vhost>] [--no-table-headers]",
     .description = "Lists the policies of a virtual host",
     .heading = "Listing policies for vhost \"{vhost}\" ...",
     .request = {get, "/policies/{vhost}"},
     .columns = policy_columns},
    {.group = Group::policies,
     .name = "list_policies_that_match",
     .usage = "[--vhost <vhost>] [--object-type <type>] <name> [--no-table-headers]",
     .description = "Lists the policies whose patterns match a queue, or an exchange; the first is the one that counts",
     .heading = "Listing policies that match {object_type} '{name}' in vhost '{vhost}' ...",
     .defaults = "object_type=queue",
     .missing = {ExitCode::usage, "There is no {object_type} '{name}'"},
     .columns = policy_columns,
     .run = list_policies_that_match},
    {.group = Group::policies,
     .name = "set_operator_policy",
     .usage = policy_usage,
     .description = "Sets an operator policy, which limits what policies and arguments may say",
     .heading = "Setting operator policy override \"{name}\" for pattern \"{pattern}\" to \"{definition}\" "
                "with priority \"{priority}\" for vhost \"{vhost}\" ...",
     .defaults = "priority=0 apply_to=all",
     .request = {put, "/operator-policies/{vhost}/{name}", policy_body}},
    {.group = Group::policies,
     .name = "set_policy",
     .usage = policy_usage,
     .description = "Sets a policy: pattern is a regular expression, definition is JSON",
     .heading = "Setting policy \"{name}\" for pattern \"{pattern}\" to \"{definition}\" "
                "with priority \"{priority}\" for vhost \"{vhost}\" ...",
     .defaults = "priority=0 apply_to=all",
     .request = {put, "/policies/{vhost}/{name}", policy_body}},
});

} // namespace

std::span<const Command> parameter_commands() {
    return parameters;
}

} // namespace cli
