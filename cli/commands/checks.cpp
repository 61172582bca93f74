// Health checks, which say by their exit code whether all is well, and the facts that they look at.
#include "cli/commands/tables.hpp"
#include "cli/node_facts.hpp"
#include "cli/page.hpp"

#include <array>

namespace cli {
namespace {

constexpr std::chrono::seconds connect_limit{10};

Output listeners(const Call&, Api& api) {
    const boost::json::array all = listeners_of(api);
    Page page;
    for (const boost::json::value& listener : all) {
        page.line(listener_text(listener));
    }
    return Report{std::move(page).text(),
                  boost::json::object{{"listeners", all}, {"node", api.node()}, {"result", "ok"}}};
}

Output alarms(const Call& call, Api& api) {
    Page page;
    boost::json::array all;
    for (const std::string& alarm : alarms_of(node_object(api))) {
        page.line(alarm);
        all.emplace_back(alarm);
    }
    if (all.empty()) {
        page.line(call.expand("Node {node} reported no alarms, local or clusterwide"));
    }
    return Report{std::move(page).text(), boost::json::object{{"alarms", all}, {"node", api.node()}, {"result", "ok"}}};
}

Output no_alarms(const Call& call, Api& api, std::string_view well) {
    std::string text;
    for (const std::string& alarm : alarms_of(node_object(api))) {
        text += (text.empty() ? "" : "\n") + alarm;
    }
    if (!text.empty()) {
        throw failed(ExitCode::unavailable, text);
    }
    return Line{call.expand(well)};
}
Output check_alarms(const Call& call, Api& api) {
    return no_alarms(call, api, "Node {node} reported no alarms, local or clusterwide");
}
Output check_local_alarms(const Call& call, Api& api) {
    return no_alarms(call, api, "Node {node} reported no local alarms");
}

// Both name what there is when what was asked for is missing.
Output check_listener(const Call& call, Api& api, const char* field, const std::string& wanted, const char* others) {
    std::string found;
    for (const boost::json::value& listener : listeners_of(api)) {
        const std::string value = string_of(listener, field);
        if (value == wanted) {
            return Line{
                call.expand("A listener for " + std::string(field) + " " + wanted + " is running on node {node}.")};
        }
        found += (found.empty() ? "" : ", ") + value;
    }
    throw Failure(ExitCode::unavailable, call.expand("No listener for " + std::string(field) + " " + wanted +
                                                     " is active on node {node}. " + others + found));
}
Output check_port_listener(const Call& call, Api& api) {
    return check_listener(call, api, "port", call.value("port"), "Found listeners that use the following ports: ");
}
Output check_protocol_listener(const Call& call, Api& api) {
    return check_listener(call, api, "protocol", call.value("protocol"),
                          "Found listeners for the following protocols: ");
}

// From here, not from the node: a listener on all addresses is tried at the host of the URL.
Output check_port_connectivity(const Call& call, Api& api) {
    std::string reached;
    std::string failures;
    for (const boost::json::value& listener : listeners_of(api)) {
        const std::string port = string_of(listener, "port");
        const std::string interface = string_of(listener, "interface");
        const bool on_all = interface == "0.0.0.0" || interface == "[::]";
        const std::string bare = interface.starts_with('[') ? interface.substr(1, interface.size() - 2) : interface;
        const std::string host = on_all ? api.address().host : bare;
        std::string& list = accepts_connections(host, port, connect_limit) ? reached : failures;
        list += (list.empty() ? "" : ", ") + port;
    }
    if (!failures.empty()) {
        throw failed(ExitCode::unavailable, call.expand("Connection to ports " + failures + " on node {node} failed"));
    }
    return Line{call.expand("Successfully connected to ports " + reached + " on node {node}.")};
}

// While it starts it does not answer at all.
Output is_booting(const Call& call, Api& api) {
    node_object(api);
    return Line{call.expand("RabbitMQ on node {node} is fully booted or not running")};
}

Output check_running(const Call& call, Api& api) {
    if (string_of(node_object(api), "running") != "true") {
        throw failed(ExitCode::unavailable, call.expand("RabbitMQ on node {node} is not running"));
    }
    return Line{call.expand("RabbitMQ on node {node} is fully booted and running")};
}

// A check that the API makes.
Output checked(const Call& call, Api& api, std::string_view path, std::string_view ill, std::string_view well) {
    try {
        api.get(call.expand_target(path));
    } catch (const ApiError& error) {
        if (error.status() != 503) {
            throw;
        }
        throw failed(ExitCode::unavailable, call.expand(ill) + ": " + error.what());
    }
    return Line{call.expand(well)};
}
Output check_virtual_hosts(const Call& call, Api& api) {
    return checked(call, api, "/health/checks/virtual-hosts", "Some virtual hosts on node {node} are down",
                   "Node {node} reported all vhosts as running");
}
Output check_certificate_expiration(const Call& call, Api& api) {
    return checked(call, api, "/health/checks/certificate-expiration/{within}/{unit}",
                   "Certificates of node {node} expire within {within} {unit}",
                   "No certificates on node {node} expire within {within} {unit}.");
}

Output check_quorum_critical(const Call& call, Api& api) {
    return checked(call, api, "/health/checks/node-is-quorum-critical", "Quorum queues need node {node}",
                   "Node {node} reported no quorum queues with minimum quorum");
}
Output check_mirror_sync_critical(const Call& call, Api& api) {
    return checked(call, api, "/health/checks/node-is-mirror-sync-critical", "Mirrored queues need node {node}",
                   "Node {node} reported no classic mirrored queues without online synchronised mirrors");
}

Output check_deprecated_features(const Call& call, Api& api) {
    std::string used;
    const boost::json::value features = api.get("/deprecated-features/used");
    for (const boost::json::value& feature : features.as_array()) {
        used += (used.empty() ? "" : ", ") + string_of(feature, "name");
    }
    if (!used.empty()) {
        throw failed(ExitCode::unavailable, "Deprecated features are used: " + used);
    }
    return Line{call.expand("Node {node} reported no deprecated features in use")};
}

constexpr auto checks = std::to_array<Command>({
    {.group = Group::monitoring,
     .name = "alarms",
     .description = "Lists the alarms that are in effect",
     .heading = "Asking node {node} to report any known resource alarms ...",
     .run = alarms},
    {.group = Group::monitoring,
     .name = "check_alarms",
     .description = "Fails when there is an alarm",
     .heading = "Asking node {node} to report any local resource alarms ...",
     .run = check_alarms},
    {.group = Group::monitoring,
     .name = "check_certificate_expiration",
     .usage = "[--within <number>] [--unit <unit>]",
     .description = "Fails when a certificate expires soon; the unit is days, weeks, months or years",
     .heading = "Checking if certificates of node {node} expire within {within} {unit} ...",
     .defaults = "within=4 unit=weeks",
     .run = check_certificate_expiration},
    {.group = Group::monitoring,
     .name = "check_if_any_deprecated_features_are_used",
     .description = "Fails when something is used that RabbitMQ will not have for ever",
     .heading = "Checking if deprecated features are used on node {node} ...",
     .run = check_deprecated_features},
    {.group = Group::monitoring,
     .name = "check_if_node_is_mirror_sync_critical",
     .description = "Fails when a mirrored queue would lose its last copy without this node: never",
     .heading = "Checking if node {node} is critical for mirrored queues ...",
     .run = check_mirror_sync_critical},
    {.group = Group::monitoring,
     .name = "check_if_node_is_quorum_critical",
     .description = "Fails when a quorum queue would lose its majority without this node: never, for there is no other",
     .heading = "Checking if node {node} is critical for quorum of any quorum queues ...",
     .run = check_quorum_critical},
    {.group = Group::monitoring,
     .name = "check_local_alarms",
     .description = "Fails when there is an alarm of this node",
     .heading = "Asking node {node} to report any local resource alarms ...",
     .run = check_local_alarms},
    {.group = Group::monitoring,
     .name = "check_port_connectivity",
     .description = "Connects to every listener of the node, from here",
     .heading = "Testing TCP connections to all active listeners on node {node} ...",
     .run = check_port_connectivity},
    {.group = Group::monitoring,
     .name = "check_port_listener",
     .usage = "<port>",
     .description = "Fails when nothing listens on the port",
     .heading = "Asking node {node} if there's an active listener on port {port} ...",
     .run = check_port_listener},
    {.group = Group::monitoring,
     .name = "check_protocol_listener",
     .usage = "<protocol>",
     .description = "Fails when nothing listens for the protocol (amqp, amqp/ssl, http, ...)",
     .heading = "Asking node {node} if there's an active listener for protocol {protocol} ...",
     .run = check_protocol_listener},
    {.group = Group::monitoring,
     .name = "check_running",
     .description = "Fails when the broker is not running",
     .heading = "Checking if RabbitMQ is running on node {node} ...",
     .run = check_running},
    {.group = Group::monitoring,
     .name = "check_virtual_hosts",
     .description = "Fails when a virtual host is down",
     .heading = "Checking if all vhosts are running on node {node} ...",
     .run = check_virtual_hosts},
    {.group = Group::monitoring,
     .name = "is_booting",
     .description = "Says that the node has started: while it starts it does not answer",
     .heading = "Asking node {node} for its boot status ...",
     .run = is_booting},
    {.group = Group::monitoring,
     .name = "is_running",
     .description = "The same as check_running",
     .heading = "Asking node {node} for its status ...",
     .run = check_running},
    {.group = Group::monitoring,
     .name = "listeners",
     .description = "Lists interfaces, ports and protocols of listeners",
     .heading = "Asking node {node} to report its protocol listeners ...",
     .run = listeners},
});

} // namespace

std::span<const Command> check_commands() {
    return checks;
}

} // namespace cli
