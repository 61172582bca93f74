// The node as a whole: reports for people, and the same as JSON.
#include "cli/commands/tables.hpp"
#include "cli/node_facts.hpp"
#include "cli/page.hpp"

#include <algorithm>
#include <array>
#include <thread>

namespace cli {
namespace {

using enum Verb;

constexpr Column flag_columns[] = {{"name"}, {"state"}, {"stability"}, {"provided_by"}};
constexpr Column deprecated_columns[] = {{"name"}, {"deprecation_phase"}, {"provided_by"}, {"desc"}, {"doc_url"}};

double number_in(const boost::json::value& object, std::string_view path) {
    const boost::json::value& value = field_of(object, path);
    return value.is_number() ? value.to_number<double>() : 0;
}

void add_names(Page& page, const boost::json::value& names) {
    for (const boost::json::value& name : names.is_array() ? names.get_array() : boost::json::array()) {
        page.line(" * " + (name.is_string() ? printable(name.get_string()) : term_text(name)));
    }
}

void add_alarms(Page& page, const boost::json::value& node) {
    page.section("Alarms");
    const std::vector<std::string> alarms = alarms_of(node);
    for (const std::string& alarm : alarms) {
        page.line(alarm);
    }
    if (alarms.empty()) {
        page.line("(none)");
    }
}

void add_resources(Page& page, const boost::json::value& node, std::string_view unit) {
    page.section("Memory");
    page.line("Total memory used: " + size_text(number_in(node, "mem_used"), unit));
    page.line("Calculation strategy: " + string_of(node, "mem_calculation_strategy"));
    page.line("Memory high watermark computed to: " + size_text(number_in(node, "mem_limit"), unit));
    page.section("File Descriptors");
    page.line("Total: " + string_of(node, "fd_used") + ", limit: " + string_of(node, "fd_total"));
    page.line("Sockets: " + string_of(node, "sockets_used") + ", limit: " + string_of(node, "sockets_total"));
    page.section("Free Disk Space");
    page.line("Low free disk space watermark: " + size_text(number_in(node, "disk_free_limit"), unit));
    page.line("Free disk space: " + size_text(number_in(node, "disk_free"), unit));
}

Output status(const Call& call, Api& api) {
    const boost::json::value node = node_object(api);
    const boost::json::value overview = api.get("/overview");
    const boost::json::array listeners = listeners_of(api);
    const std::size_t vhosts = api.get("/vhosts?columns=name").as_array().size();
    Page page;
    page.section("Runtime");
    page.line("OS PID: " + string_of(node, "os_pid"));
    page.line("Uptime (seconds): " + std::to_string(static_cast<long>(number_in(node, "uptime") / 1000)));
    page.line("Is under maintenance?: " + string_of(node, "being_drained"));
    page.line("RabbitMQ version: " + string_of(overview, "rabbitmq_version"));
    page.line("Leveret version: " + string_of(overview, "leveret_version"));
    page.line("Node name: " + string_of(node, "name"));
    page.section("Data directory");
    page.line("Node data directory: " + string_of(node, "db_dir"));
    page.section("Config files");
    add_names(page, field_of(node, "config_files"));
    page.section("Log file(s)");
    add_names(page, field_of(node, "log_files"));
    add_alarms(page, node);
    add_resources(page, node, call.value("unit"));
    page.section("Totals");
    page.line("Connection count: " + string_of(overview, "object_totals.connections"));
    page.line("Queue count: " + string_of(overview, "object_totals.queues"));
    page.line("Virtual host count: " + std::to_string(vhosts));
    page.section("Listeners");
    boost::json::array alarms;
    for (const std::string& alarm : alarms_of(node)) {
        alarms.emplace_back(alarm);
    }
    for (const boost::json::value& listener : listeners) {
        page.line(listener_text(listener));
    }
    boost::json::object value{
        {"pid", string_of(node, "os_pid")},
        {"alarms", alarms},
        {"listeners", listeners},
        {"rabbitmq_version", string_of(overview, "rabbitmq_version")},
        {"leveret_version", string_of(overview, "leveret_version")},
        {"uptime", static_cast<long>(number_in(node, "uptime") / 1000)},
        {"is_under_maintenance", field_of(node, "being_drained")},
        {"data_directory", field_of(node, "db_dir")},
        {"config_files", field_of(node, "config_files")},
        {"log_files", field_of(node, "log_files")},
        {"disk_free", field_of(node, "disk_free")},
        {"disk_free_limit", field_of(node, "disk_free_limit")},
        {"vm_memory_high_watermark_limit", field_of(node, "mem_limit")},
        {"memory", boost::json::object{{"total", boost::json::object{{"rss", field_of(node, "mem_used")}}}}},
        {"totals", boost::json::object{{"connection_count", field_of(overview, "object_totals.connections")},
                                       {"queue_count", field_of(overview, "object_totals.queues")},
                                       {"virtual_host_count", vhosts}}}};
    return Report{std::move(page).text(), std::move(value)};
}

Output cluster_status(const Call&, Api& api) {
    const boost::json::value node = node_object(api);
    const boost::json::value overview = api.get("/overview?columns=cluster_name,rabbitmq_version");
    const boost::json::array listeners = listeners_of(api);
    const std::string name = string_of(node, "name");
    Page page;
    page.section("Basics");
    page.line("Cluster name: " + string_of(overview, "cluster_name"));
    for (const char* const title : {"Disk Nodes", "Running Nodes"}) {
        page.section(title);
        page.line(name);
    }
    page.section("Versions");
    page.line(name + ": RabbitMQ " + string_of(overview, "rabbitmq_version"));
    page.section("Maintenance status");
    const bool drained = string_of(node, "being_drained") == "true";
    page.line("Node: " + name + ", status: " + (drained ? "marked for maintenance" : "not under maintenance"));
    add_alarms(page, node);
    page.section("Network Partitions");
    page.line("(none)");
    page.section("Listeners");
    for (const boost::json::value& listener : listeners) {
        std::string text = listener_text(listener);
        page.line("Node: " + name + ", i" + text.substr(1));
    }
    const boost::json::array nodes{boost::json::string(name)};
    return Report{std::move(page).text(), boost::json::object{{"cluster_name", field_of(overview, "cluster_name")},
                                                              {"disk_nodes", nodes},
                                                              {"running_nodes", nodes},
                                                              {"ram_nodes", boost::json::array()},
                                                              {"partitions", boost::json::object()},
                                                              {"listeners", boost::json::object{{name, listeners}}}}};
}

// The settings as far as the API tells them: those of the node's object.
Output environment(const Call&, Api& api) {
    const boost::json::value node = node_object(api);
    boost::json::object settings;
    for (const char* const name :
         {"name", "db_dir", "config_files", "log_files", "mem_limit", "mem_calculation_strategy", "disk_free_limit",
          "fd_total", "net_ticktime", "rates_mode", "enabled_plugins"}) {
        settings[name] = field_of(node, name);
    }
    Page page;
    page.line("[{rabbit,");
    page.line("     [");
    for (const auto& [name, value] : settings) {
        const bool is_last = name == (settings.end() - 1)->key();
        page.line("      {" + std::string(name) + "," + term_text(value) + (is_last ? "}]}]" : "},"));
    }
    return Report{std::move(page).text(), boost::json::object{{"rabbit", settings}}};
}

Output memory_breakdown(const Call& call, Api& api) {
    const boost::json::value answer = api.get("/nodes/" + percent_encoded(api.node()) + "/memory");
    const boost::json::value& memory = field_of(answer, "memory");
    const double total = std::max(1.0, number_in(memory, "total.rss"));
    Page page;
    boost::json::object value;
    for (const auto& [name, part] : memory.as_object()) {
        if (part.is_number()) {
            const double octets = part.to_number<double>();
            const std::string percentage = rounded_text(octets * 100 / total, 2);
            page.line(std::string(name) + ": " + size_text(octets, call.value("unit")) + " (" + percentage + "%)");
            value[name] = {{"bytes", part}, {"percentage", std::stod(percentage)}};
        }
    }
    return Report{std::move(page).text(), std::move(value)};
}

Output ping(const Call&, Api& api) {
    api.node();
    return Line{"Ping succeeded"};
}

Output server_version(const Call&, Api& api) {
    const std::string version = string_of(api.get("/overview?columns=rabbitmq_version"), "rabbitmq_version");
    return Report{version + "\n", boost::json::object{{"result", "ok"}, {"value", version}}};
}

// Until the node answers, or --timeout is over.
Output await_startup(const Call& call, Api& api) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(std::stoul(call.value("timeout")));
    while (true) {
        try {
            api.get("/overview?columns=node");
            return Line{};
        } catch (const Failure& failure) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw Failure(ExitCode::try_again, failure.what());
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

constexpr auto node = std::to_array<Command>({
    {.group = Group::node,
     .name = "await_startup",
     .description = "Waits until the node answers, as long as --timeout allows",
     .heading = "Waiting for the node to start ...",
     .run = await_startup},
    {.group = Group::node,
     .name = "cluster_status",
     .description = "Shows the node as a cluster of one",
     .heading = "Cluster status of node {node} ...",
     .run = cluster_status},
    {.group = Group::node,
     .name = "enable_feature_flag",
     .usage = "<feature_flag>",
     .description = "Enables a feature flag, or all",
     .heading = "Enabling feature flag {feature_flag} ...",
     .request = {put, "/feature-flags/{feature_flag}/enable"}},
    {.group = Group::node,
     .name = "environment",
     .description = "Shows settings of the node",
     .heading = "Application environment of node {node} ...",
     .run = environment},
    {.group = Group::node,
     .name = "list_deprecated_features",
     .usage = "[--no-table-headers] [<column> ...]",
     .description = "Lists what RabbitMQ will not have for ever",
     .heading = "Listing deprecated features ...",
     .request = {get, "/deprecated-features"},
     .columns = deprecated_columns,
     .shown = "name deprecation_phase"},
    {.group = Group::node,
     .name = "list_feature_flags",
     .usage = "[--no-table-headers] [<column> ...]",
     .description = "Lists feature flags",
     .heading = "Listing feature flags ...",
     .request = {get, "/feature-flags"},
     .columns = flag_columns,
     .shown = "name state"},
    {.group = Group::node,
     .name = "memory_breakdown",
     .usage = "[--unit <unit>]",
     .description = "Says what the node uses memory for; the unit is gb, mb, kb or bytes",
     .heading = "Reporting memory breakdown on node {node}...",
     .defaults = "unit=gb",
     .run = memory_breakdown},
    {.group = Group::node,
     .name = "ping",
     .description = "Checks that the node answers and that the login is right",
     .heading = "Will ping {node}. This only checks that the HTTP API answers. Timeout: {timeout}000 ms.",
     .run = ping},
    {.group = Group::node,
     .name = "server_version",
     .description = "Shows the version that the node announces",
     .heading = "Asking node {node} for its RabbitMQ version...",
     .run = server_version},
    {.group = Group::node,
     .name = "set_cluster_name",
     .usage = "<name>",
     .description = "Sets the cluster's name",
     .heading = "Setting cluster name to {name} ...",
     .request = {put, "/cluster-name", "name=name"}},
    {.group = Group::node,
     .name = "status",
     .usage = "[--unit <unit>]",
     .description = "Shows the state of the node",
     .heading = "Status of node {node} ...",
     .defaults = "unit=gb",
     .run = status},
});

} // namespace

std::span<const Command> node_commands() {
    return node;
}

} // namespace cli
