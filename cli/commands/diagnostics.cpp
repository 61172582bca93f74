// What there is to read when something is wrong: sizes of messages, logins, where the log is, all in one report.
#include "cli/commands/tables.hpp"
#include "cli/formatter.hpp"
#include "cli/node_facts.hpp"
#include "cli/page.hpp"
#include "cli/perform.hpp"

#include <array>
#include <sstream>

namespace cli {
namespace {

using enum Verb;

constexpr Column attempt_columns[] = {
    {"protocol"}, {"auth_attempts"}, {"auth_attempts_failed"}, {"auth_attempts_succeeded"}};
constexpr Column size_columns[] = {{"message_size"}, {"count"}, {"percentage"}};

Output log_location(const Call&, Api& api) {
    const boost::json::value files = field_of(node_object(api), "log_files");
    std::string text;
    for (const boost::json::value& file : files.as_array()) {
        text += cell_text({{"name", file}}, {"name"}) + "\n";
    }
    return Report{std::move(text), files};
}

struct Bucket {
    std::string bound; // octets, or "+Inf"
    std::uint64_t up_to_here = 0;
};

// The lines `rabbitmq_message_size_bytes_bucket{...,le="100"} 5`; the last one has all messages.
std::vector<Bucket> size_buckets(const std::string& metrics) {
    constexpr std::string_view bound = "le=\"";
    std::vector<Bucket> buckets;
    std::istringstream lines(metrics);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t from = line.find(bound) + bound.size();
        if (line.starts_with("rabbitmq_message_size_bytes_bucket{")) {
            buckets.push_back({line.substr(from, line.find('"', from) - from),
                               static_cast<std::uint64_t>(std::stod(line.substr(line.rfind(' '))))});
        }
    }
    return buckets;
}

Output message_size_stats(const Call& call, Api& api) {
    const std::vector<Bucket> buckets = size_buckets(api.metrics());
    const double all = buckets.empty() || buckets.back().up_to_here == 0 ? 1 : double(buckets.back().up_to_here);
    Rows rows{chosen_columns(call), {}};
    Bucket before{"0", 0};
    for (const Bucket& bucket : buckets) {
        const std::uint64_t count = bucket.up_to_here - before.up_to_here;
        const std::string sizes =
            bucket.bound == "+Inf" ? "above " + before.bound : before.bound + " to " + bucket.bound;
        rows.objects.push_back({{"message_size", sizes},
                                {"count", count},
                                {"percentage", std::stod(rounded_text(100 * double(count) / all, 2))}});
        before = bucket;
    }
    return rows;
}

// A command as if it had been typed with all its columns.
std::string section(Api& api, std::string_view name, const std::string& vhost) {
    const Command& command = *find_command(name);
    std::vector<std::string> columns;
    for (const Column& column : command.columns) {
        columns.emplace_back(column.name);
    }
    Call call(command, {{"vhost", vhost}, {"node", api.node()}, {"timeout", "60"}}, std::move(columns));
    const std::string text = format(perform(call, api), Formatter::table, true);
    return call.expand(command.heading) + "\n" + text + "\n";
}

// Without parameters: there may be passwords in their URIs.
Output report(const Call& call, Api& api) {
    std::string text;
    for (const char* const name : {"status", "cluster_status", "environment", "list_connections", "list_channels",
                                   "list_users", "list_feature_flags"}) {
        text += section(api, name, call.value("vhost"));
    }
    const boost::json::value vhosts = api.get("/vhosts?columns=name");
    for (const boost::json::value& vhost : vhosts.as_array()) {
        for (const char* const name :
             {"list_queues", "list_exchanges", "list_bindings", "list_consumers", "list_permissions", "list_policies",
              "list_operator_policies", "list_vhost_limits"}) {
            text += section(api, name, std::string(field_of(vhost, "name").as_string()));
        }
    }
    return Report{text, boost::json::object{{"result", "ok"}, {"value", text}}};
}

constexpr auto diagnostics = std::to_array<Command>({
    {.group = Group::monitoring,
     .name = "list_node_auth_attempt_stats",
     .usage = "[--no-table-headers] [<column> ...]",
     .description = "Counts logins, and how many succeeded, by protocol",
     .heading = "Listing authentication attempts for node {node} ...",
     .request = {get, "/auth/attempts/{node}"},
     .columns = attempt_columns},
    {.group = Group::monitoring,
     .name = "log_location",
     .description = "Names the files of the log",
     .heading = "Log file locations of node {node} ...",
     .run = log_location},
    {.group = Group::monitoring,
     .name = "message_size_stats",
     .usage = "[--no-table-headers] [<column> ...]",
     .description = "Counts the messages that publishers sent, by size in octets",
     .heading = "Gathering message size statistics of node {node} ...",
     .columns = size_columns,
     .run = message_size_stats},
    {.group = Group::monitoring,
     .name = "report",
     .description = "Writes all that helps to find out what is wrong: state, objects and rights, no passwords",
     .heading = "Reporting server status of node {node} ...",
     .run = report,
     .is_long = true},
    {.group = Group::monitoring,
     .name = "reset_node_auth_attempt_metrics",
     .description = "Lets the counts of logins begin anew",
     .heading = "Resetting authentication attempt metrics of node {node} ...",
     .request = {delete_, "/auth/attempts/{node}"}},
});

} // namespace

std::span<const Command> diagnostic_commands() {
    return diagnostics;
}

} // namespace cli
