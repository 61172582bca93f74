#include "broker/admin/route_table.hpp"

#include "broker/admin/resources/resources.hpp"

#include <algorithm>
#include <array>

namespace broker {
namespace {

using enum Verb;
using enum Tag;
constexpr HostAccess none = HostAccess::none, visible = HostAccess::visible, usable = HostAccess::usable;
constexpr std::size_t small_body = 10 << 10;
constexpr std::size_t choice_body = 512 << 10;
constexpr std::size_t message_body = 20 << 20;
constexpr std::size_t definitions_body = 20 << 20;

constexpr auto table = std::to_array<Route>({
    {"/aliveness-test/{vhost}", get, management, visible, get_aliveness},
    {"/all-configuration", get, administrator, none, get_definitions},
    {"/all-configuration", post, administrator, none, post_definitions, definitions_body},
    {"/auth", get, management, none, get_auth},
    {"/auth/attempts/{node}", delete_, administrator, none, reset_auth_attempts, small_body},
    {"/auth/attempts/{node}", get, monitoring, none, list_auth_attempts},
    {"/auth/attempts/{node}/source", delete_, administrator, none, do_nothing, small_body},
    {"/auth/attempts/{node}/source", get, monitoring, none, list_nothing},
    {"/auth/hash_password/{password}", get, management, none, get_hashed_password},
    {"/backup", get, administrator, none, list_backups},
    {"/backup", post, administrator, none, make_backup, small_body},
    {"/backup", put, administrator, none, make_backup, small_body},
    {"/bindings", get, management, none, list_bindings},
    {"/bindings/{vhost}", get, management, visible, list_bindings},
    {"/bindings/{vhost}/e/{source}/e/{destination}", get, management, visible, list_bindings_between_exchanges},
    {"/bindings/{vhost}/e/{source}/e/{destination}", post, management, usable, bind_exchange, small_body},
    {"/bindings/{vhost}/e/{source}/e/{destination}/{key}", delete_, management, usable, unbind_exchange, small_body},
    {"/bindings/{vhost}/e/{source}/e/{destination}/{key}", get, management, visible, get_binding_between_exchanges},
    {"/bindings/{vhost}/e/{source}/q/{destination}", get, management, visible, list_bindings_to_queue},
    {"/bindings/{vhost}/e/{source}/q/{destination}", post, management, usable, bind_queue, small_body},
    {"/bindings/{vhost}/e/{source}/q/{destination}/{key}", delete_, management, usable, unbind_queue, small_body},
    {"/bindings/{vhost}/e/{source}/q/{destination}/{key}", get, management, visible, get_binding_to_queue},
    {"/channels", get, management, none, list_channels},
    {"/channels/{channel}", get, management, none, get_channel},
    {"/cluster-name", get, management, none, get_cluster_name},
    {"/cluster-name", put, administrator, none, put_cluster_name, small_body},
    {"/config/effective", get, administrator, none, get_effective_config},
    {"/connections", get, management, none, list_connections},
    {"/connections/username/{user}", delete_, management, none, close_connections_of_user},
    {"/connections/username/{user}", get, management, none, list_connections_of_user},
    {"/connections/{connection}", delete_, management, none, close_connection},
    {"/connections/{connection}", get, management, none, get_connection},
    {"/connections/{connection}/channels", get, management, none, list_channels_of_connection},
    {"/connections/{connection}/sessions", get, management, none, list_sessions_of_connection},
    {"/consumers", get, management, none, list_consumers},
    {"/consumers/{vhost}", get, management, visible, list_consumers},
    {"/definitions", get, administrator, none, get_definitions},
    {"/definitions", post, administrator, none, post_definitions, definitions_body},
    {"/definitions/{vhost}", get, administrator, visible, get_definitions_of_virtual_host},
    {"/definitions/{vhost}", post, administrator, visible, post_definitions_of_virtual_host, definitions_body},
    {"/deprecated-features", get, management, none, list_nothing},
    {"/deprecated-features/used", get, management, none, list_nothing},
    {"/exchanges", get, management, none, list_exchanges},
    {"/exchanges/{vhost}", get, management, visible, list_exchanges},
    {"/exchanges/{vhost}/{exchange}", delete_, management, usable, delete_exchange},
    {"/exchanges/{vhost}/{exchange}", get, management, visible, get_exchange},
    {"/exchanges/{vhost}/{exchange}", put, management, usable, put_exchange},
    {"/exchanges/{vhost}/{exchange}/bindings/destination", get, management, visible, list_bindings_to_exchange},
    {"/exchanges/{vhost}/{exchange}/bindings/source", get, management, visible, list_bindings_from_exchange},
    {"/exchanges/{vhost}/{exchange}/delayed", get, management, usable, list_delayed},
    {"/exchanges/{vhost}/{exchange}/delayed/{id}", delete_, management, usable, cancel_delayed},
    {"/exchanges/{vhost}/{exchange}/delayed/{id}/fire", post, management, usable, fire_delayed, small_body},
    {"/exchanges/{vhost}/{exchange}/explain", post, management, usable, explain_route, 256 << 10},
    {"/exchanges/{vhost}/{exchange}/publish", post, management, usable, publish_message, message_body},
    {"/extensions", get, management, none, list_nothing},
    {"/feature-flags", get, management, none, list_feature_flags},
    {"/feature-flags/{name}/enable", put, administrator, none, enable_feature_flag, small_body},
    {"/global-parameters", get, policymaker, none, list_global_parameters},
    {"/global-parameters/{name}", delete_, administrator, none, delete_global_parameter, small_body},
    {"/global-parameters/{name}", get, policymaker, none, get_global_parameter},
    {"/global-parameters/{name}", put, administrator, none, put_global_parameter},
    {"/health/checks/alarms", get, management, none, check_alarms},
    {"/health/checks/below-node-connection-limit", get, management, none, check_healthy},
    {"/health/checks/certificate-expiration/{within}/{unit}", get, management, none, check_certificate_expiration},
    {"/health/checks/is-in-service", get, management, none, check_healthy},
    {"/health/checks/local-alarms", get, management, none, check_local_alarms},
    {"/health/checks/metadata-store/initialized", get, management, none, check_healthy},
    {"/health/checks/metadata-store/initialized/with-data", get, management, none, check_healthy},
    {"/health/checks/node-is-mirror-sync-critical", get, management, none, check_others_need},
    {"/health/checks/node-is-quorum-critical", get, management, none, check_others_need},
    {"/health/checks/port-listener/{port}", get, management, none, check_port_listener},
    {"/health/checks/protocol-listener/{protocol}", get, management, none, check_protocol_listener},
    {"/health/checks/quorum-queues-without-elected-leaders/all-vhosts", get, management, none, check_healthy},
    {"/health/checks/quorum-queues-without-elected-leaders/all-vhosts/pattern/{pattern}", get, management, none,
     check_healthy},
    {"/health/checks/quorum-queues-without-elected-leaders/vhost/{vhost}", get, management, visible, check_healthy},
    {"/health/checks/quorum-queues-without-elected-leaders/vhost/{vhost}/pattern/{pattern}", get, management, visible,
     check_healthy},
    {"/health/checks/reached-target-cluster-size", get, management, none, check_healthy},
    {"/health/checks/ready-to-serve-clients", get, management, none, check_healthy},
    {"/health/checks/virtual-hosts", get, management, none, check_healthy},
    {"/healthchecks/node", get, management, none, check_healthy},
    {"/healthchecks/node/{node}", get, management, none, check_healthy},
    {"/nodes", get, monitoring, none, list_nodes},
    {"/nodes/{node}", get, monitoring, none, get_node},
    {"/nodes/{node}/memory", get, monitoring, none, get_node_memory},
    {"/nodes/{node}/memory/ets", get, monitoring, none, get_node_tables},
    {"/nodes/{node}/memory/ets/{filter}", get, monitoring, none, get_node_tables},
    {"/nodes/{node}/memory/ets/{filter}/relative", get, monitoring, none, get_node_tables},
    {"/nodes/{node}/memory/relative", get, monitoring, none, get_relative_node_memory},
    {"/operator-policies", get, management, none, list_operator_policies},
    {"/operator-policies/{vhost}", get, management, visible, list_operator_policies_of_virtual_host},
    {"/operator-policies/{vhost}/{name}", delete_, administrator, usable, delete_operator_policy, small_body},
    {"/operator-policies/{vhost}/{name}", get, policymaker, visible, get_operator_policy},
    {"/operator-policies/{vhost}/{name}", put, administrator, usable, put_operator_policy},
    {"/overview", get, management, none, get_overview},
    {"/parameters", get, policymaker, none, list_parameters},
    {"/parameters/{component}", get, policymaker, none, list_parameters_of_component},
    {"/parameters/{component}/{vhost}", get, policymaker, visible, list_parameters_of_virtual_host},
    {"/parameters/{component}/{vhost}/{name}", delete_, policymaker, usable, delete_parameter, small_body},
    {"/parameters/{component}/{vhost}/{name}", get, policymaker, visible, get_parameter},
    {"/parameters/{component}/{vhost}/{name}", put, policymaker, usable, put_parameter},
    {"/permissions", get, administrator, none, list_permissions},
    {"/permissions/{vhost}/{user}", delete_, administrator, none, delete_permissions, small_body},
    {"/permissions/{vhost}/{user}", get, administrator, none, get_permissions},
    {"/permissions/{vhost}/{user}", put, administrator, none, put_permissions, small_body},
    {"/policies", get, management, none, list_policies},
    {"/policies/{vhost}", get, management, visible, list_policies_of_virtual_host},
    {"/policies/{vhost}/{name}", delete_, policymaker, usable, delete_policy, small_body},
    {"/policies/{vhost}/{name}", get, policymaker, visible, get_policy},
    {"/policies/{vhost}/{name}", put, policymaker, usable, put_policy},
    {"/queues", get, management, none, list_queues},
    {"/queues/detailed", get, management, none, list_queues},
    {"/queues/quorum/replicas/on/{node}/grow", post, administrator, none, do_nothing, small_body},
    {"/queues/quorum/replicas/on/{node}/shrink", delete_, administrator, none, do_nothing, small_body},
    {"/queues/quorum/{vhost}/{queue}/replicas/add", post, administrator, visible, add_quorum_queue_member, small_body},
    {"/queues/quorum/{vhost}/{queue}/replicas/delete", delete_, administrator, visible, delete_quorum_queue_member,
     small_body},
    {"/queues/quorum/{vhost}/{queue}/status", get, management, visible, get_quorum_queue_status},
    {"/queues/{vhost}", get, management, visible, list_queues},
    {"/queues/{vhost}/{queue}", delete_, management, usable, delete_queue},
    {"/queues/{vhost}/{queue}", get, management, visible, get_queue},
    {"/queues/{vhost}/{queue}", put, management, usable, put_queue},
    {"/queues/{vhost}/{queue}/actions", post, management, usable, run_queue_action, small_body},
    {"/queues/{vhost}/{queue}/bindings", get, management, visible, list_bindings_of_queue},
    {"/queues/{vhost}/{queue}/contents", delete_, management, usable, purge_queue},
    {"/queues/{vhost}/{queue}/copy", post, management, usable, copy_messages, choice_body},
    {"/queues/{vhost}/{queue}/delete-messages", post, management, usable, delete_messages, choice_body},
    {"/queues/{vhost}/{queue}/effective", get, management, visible, get_effective_settings},
    {"/queues/{vhost}/{queue}/get", post, management, usable, get_messages, small_body},
    {"/queues/{vhost}/{queue}/move", post, management, usable, move_messages, choice_body},
    {"/queues/{vhost}/{queue}/peek", get, management, usable, peek_messages},
    {"/queues/{vhost}/{queue}/settings", post, management, usable, change_queue_settings},
    {"/rebalance/queues", post, administrator, none, do_nothing, small_body},
    {"/reset", delete_, administrator, none, do_nothing, small_body},
    {"/reset/{node}", delete_, administrator, none, do_nothing, small_body},
    {"/topic-permissions", get, administrator, none, list_topic_permissions},
    {"/topic-permissions/{vhost}/{user}", delete_, administrator, none, delete_topic_permissions, small_body},
    {"/topic-permissions/{vhost}/{user}", get, administrator, none, get_topic_permissions},
    {"/topic-permissions/{vhost}/{user}", put, administrator, none, put_topic_permissions, small_body},
    {"/topic-permissions/{vhost}/{user}/{exchange}", delete_, administrator, none, delete_topic_permissions,
     small_body},
    {"/topic-permissions/{vhost}/{user}/{exchange}", get, administrator, none, get_topic_permissions},
    {"/user-limits", get, administrator, none, list_user_limits},
    {"/user-limits/{user}", get, administrator, none, list_limits_of_user},
    {"/user-limits/{user}/{name}", delete_, administrator, none, delete_user_limit, small_body},
    {"/user-limits/{user}/{name}", put, administrator, none, put_user_limit, small_body},
    {"/users", get, administrator, none, list_users},
    {"/users/bulk-delete", post, administrator, none, delete_users},
    {"/users/without-permissions", get, administrator, none, list_users_without_permissions},
    {"/users/{user}", delete_, administrator, none, delete_user, small_body},
    {"/users/{user}", get, administrator, none, get_user},
    {"/users/{user}", put, administrator, none, put_user, small_body},
    {"/users/{user}/permissions", get, administrator, none, list_permissions_of_user},
    {"/users/{user}/topic-permissions", get, administrator, none, list_topic_permissions_of_user},
    {"/version", get, management, none, get_version},
    {"/vhost-limits", get, management, none, list_virtual_host_limits},
    {"/vhost-limits/{vhost}", get, management, visible, list_limits_of_virtual_host},
    {"/vhost-limits/{vhost}/{name}", delete_, administrator, visible, delete_virtual_host_limit, small_body},
    {"/vhost-limits/{vhost}/{name}", put, administrator, visible, put_virtual_host_limit, small_body},
    {"/vhosts", get, management, none, list_virtual_hosts},
    {"/vhosts/{vhost}", delete_, administrator, visible, delete_virtual_host},
    {"/vhosts/{vhost}", get, management, visible, get_virtual_host},
    {"/vhosts/{vhost}", put, administrator, none, put_virtual_host},
    {"/vhosts/{vhost}/channels", get, management, visible, list_channels_of_virtual_host},
    {"/vhosts/{vhost}/connections", get, management, visible, list_connections_of_virtual_host},
    {"/vhosts/{vhost}/deletion/protection", delete_, administrator, visible, unprotect_virtual_host, small_body},
    {"/vhosts/{vhost}/deletion/protection", get, management, visible, get_virtual_host_protection},
    {"/vhosts/{vhost}/deletion/protection", post, administrator, visible, protect_virtual_host, small_body},
    {"/vhosts/{vhost}/permissions", get, administrator, visible, list_permissions_of_virtual_host},
    {"/vhosts/{vhost}/start/{node}", post, administrator, visible, do_nothing, small_body},
    {"/vhosts/{vhost}/topic-permissions", get, administrator, visible, list_topic_permissions_of_virtual_host},
    {"/whoami", get, management, none, get_whoami},
});

constexpr auto metrics_table = std::to_array<Route>({
    {"/metrics", get, monitoring, none, get_metrics},
    {"/metrics/detailed", get, monitoring, none, get_metrics_detailed},
    {"/metrics/memory-breakdown", get, monitoring, none, get_metrics_memory_breakdown},
    {"/metrics/per-object", get, monitoring, none, get_metrics_per_object},
});

constexpr bool sorted() {
    return std::ranges::is_sorted(
        table, [](const Route& a, const Route& b) { return a.path != b.path ? a.path < b.path : a.verb < b.verb; });
}
static_assert(sorted());

constexpr bool is_placeholder(std::string_view segment) {
    return segment.starts_with('{');
}

std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

// How well the path of a row fits: nothing, or the number of literal segments.
std::optional<std::size_t> fits(std::string_view path, std::span<const std::string> segments) {
    std::size_t literal = 0;
    for (const std::string& segment : segments) {
        if (path.empty()) {
            return std::nullopt;
        }
        const std::string_view wanted = take_segment(path);
        if (!is_placeholder(wanted)) {
            if (wanted != segment) {
                return std::nullopt;
            }
            ++literal;
        }
    }
    return path.empty() ? std::optional(literal) : std::nullopt;
}

} // namespace

std::span<const Route> routes() {
    return table;
}

std::span<const Route> metrics_routes() {
    return metrics_table;
}

const Route* RouteMatch::find(Verb verb) const {
    const auto found = std::ranges::find(verbs, verb, &Route::verb);
    return found == verbs.end() ? nullptr : *found;
}

std::string RouteMatch::allow() const {
    std::string allowed;
    for (const Route* route : verbs) {
        allowed.append(route->verb == get ? "HEAD, GET, " : std::string(name(route->verb)) + ", ");
    }
    return allowed + "OPTIONS";
}

RouteMatch find_route(std::span<const std::string> segments, std::span<const Route> searched) {
    RouteMatch match;
    std::size_t best = 0;
    for (const Route& route : searched) {
        const auto literal = fits(route.path, segments);
        if (!literal || *literal < best) {
            continue;
        }
        if (*literal > best) {
            match.verbs.clear();
            best = *literal;
        }
        if (match.verbs.empty() || match.verbs.front()->path == route.path) {
            match.verbs.push_back(&route);
        }
    }
    if (!match.verbs.empty()) {
        std::string_view path = match.verbs.front()->path;
        for (const std::string& segment : segments) {
            if (const std::string_view wanted = take_segment(path); is_placeholder(wanted)) {
                match.parameters.emplace_back(wanted.substr(1, wanted.size() - 2), segment);
            }
        }
    }
    return match;
}

} // namespace broker
