// The handlers that the route table names, one file per resource. Each is a coroutine on the HTTP thread; tag and
// virtual host have been checked, and a virtual host in the path exists, unless the row says `none`.
#pragma once

#include "broker/admin/api.hpp"
#include "broker/admin/http_message.hpp"

namespace broker {

// overview.cpp
HttpAnswer get_overview(Api& api, const HttpRequest& request);
HttpAnswer get_effective_config(Api& api, const HttpRequest& request);
HttpAnswer get_version(Api& api, const HttpRequest& request);
HttpAnswer get_whoami(Api& api, const HttpRequest& request);
HttpAnswer list_auth_attempts(Api& api, const HttpRequest& request);
HttpAnswer reset_auth_attempts(Api& api, const HttpRequest& request);
HttpAnswer get_auth(Api& api, const HttpRequest& request);
HttpAnswer get_hashed_password(Api& api, const HttpRequest& request);
HttpAnswer list_nothing(Api& api, const HttpRequest& request); // what there is none of
HttpAnswer do_nothing(Api& api, const HttpRequest& request);   // what needs nothing done
HttpAnswer list_feature_flags(Api& api, const HttpRequest& request);
HttpAnswer enable_feature_flag(Api& api, const HttpRequest& request);

// metrics.cpp
HttpAnswer get_metrics(Api& api, const HttpRequest& request);
HttpAnswer get_metrics_per_object(Api& api, const HttpRequest& request);
HttpAnswer get_metrics_detailed(Api& api, const HttpRequest& request);
HttpAnswer get_metrics_memory_breakdown(Api& api, const HttpRequest& request);

// nodes.cpp
HttpAnswer list_nodes(Api& api, const HttpRequest& request);
HttpAnswer get_node(Api& api, const HttpRequest& request);
HttpAnswer get_node_memory(Api& api, const HttpRequest& request);
HttpAnswer get_relative_node_memory(Api& api, const HttpRequest& request);
HttpAnswer get_node_tables(Api& api, const HttpRequest& request);

// health.cpp
HttpAnswer check_healthy(Api& api, const HttpRequest& request);
HttpAnswer check_others_need(Api& api, const HttpRequest& request);
HttpAnswer check_alarms(Api& api, const HttpRequest& request);
HttpAnswer check_local_alarms(Api& api, const HttpRequest& request);
HttpAnswer check_port_listener(Api& api, const HttpRequest& request);
HttpAnswer check_protocol_listener(Api& api, const HttpRequest& request);
HttpAnswer check_certificate_expiration(Api& api, const HttpRequest& request);
HttpAnswer get_aliveness(Api& api, const HttpRequest& request);

// backups.cpp
HttpAnswer make_backup(Api& api, const HttpRequest& request);
HttpAnswer list_backups(Api& api, const HttpRequest& request);

// connections.cpp
HttpAnswer list_connections(Api& api, const HttpRequest& request);
HttpAnswer list_connections_of_user(Api& api, const HttpRequest& request);
HttpAnswer list_connections_of_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer get_connection(Api& api, const HttpRequest& request);
HttpAnswer close_connection(Api& api, const HttpRequest& request);
HttpAnswer close_connections_of_user(Api& api, const HttpRequest& request);

// channels.cpp
HttpAnswer list_channels(Api& api, const HttpRequest& request);
HttpAnswer list_channels_of_connection(Api& api, const HttpRequest& request);
HttpAnswer list_sessions_of_connection(Api& api, const HttpRequest& request);
HttpAnswer list_channels_of_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer get_channel(Api& api, const HttpRequest& request);

// consumers.cpp
HttpAnswer list_consumers(Api& api, const HttpRequest& request);

// delayed.cpp
HttpAnswer list_delayed(Api& api, const HttpRequest& request);
HttpAnswer cancel_delayed(Api& api, const HttpRequest& request);
HttpAnswer fire_delayed(Api& api, const HttpRequest& request);

// exchanges.cpp
HttpAnswer list_exchanges(Api& api, const HttpRequest& request);
HttpAnswer get_exchange(Api& api, const HttpRequest& request);
HttpAnswer put_exchange(Api& api, const HttpRequest& request);
HttpAnswer delete_exchange(Api& api, const HttpRequest& request);

// queues.cpp
HttpAnswer list_queues(Api& api, const HttpRequest& request);
HttpAnswer get_queue(Api& api, const HttpRequest& request);
HttpAnswer put_queue(Api& api, const HttpRequest& request);
HttpAnswer delete_queue(Api& api, const HttpRequest& request);
HttpAnswer purge_queue(Api& api, const HttpRequest& request);
HttpAnswer run_queue_action(Api& api, const HttpRequest& request);

// quorum_queues.cpp
HttpAnswer get_quorum_queue_status(Api& api, const HttpRequest& request);
HttpAnswer add_quorum_queue_member(Api& api, const HttpRequest& request);
HttpAnswer delete_quorum_queue_member(Api& api, const HttpRequest& request);

// messages.cpp
HttpAnswer get_messages(Api& api, const HttpRequest& request);
HttpAnswer publish_message(Api& api, const HttpRequest& request);

// peek.cpp
HttpAnswer peek_messages(Api& api, const HttpRequest& request);

// relocation.cpp
HttpAnswer delete_messages(Api& api, const HttpRequest& request);
HttpAnswer move_messages(Api& api, const HttpRequest& request);
HttpAnswer copy_messages(Api& api, const HttpRequest& request);

// explain.cpp
HttpAnswer explain_route(Api& api, const HttpRequest& request);

// queue_settings.cpp
HttpAnswer change_queue_settings(Api& api, const HttpRequest& request);
HttpAnswer get_effective_settings(Api& api, const HttpRequest& request);

// bindings.cpp
HttpAnswer list_bindings(Api& api, const HttpRequest& request);
HttpAnswer list_bindings_from_exchange(Api& api, const HttpRequest& request);
HttpAnswer list_bindings_to_exchange(Api& api, const HttpRequest& request);
HttpAnswer list_bindings_of_queue(Api& api, const HttpRequest& request);
HttpAnswer list_bindings_to_queue(Api& api, const HttpRequest& request);
HttpAnswer list_bindings_between_exchanges(Api& api, const HttpRequest& request);
HttpAnswer get_binding_to_queue(Api& api, const HttpRequest& request);
HttpAnswer get_binding_between_exchanges(Api& api, const HttpRequest& request);
HttpAnswer bind_queue(Api& api, const HttpRequest& request);
HttpAnswer bind_exchange(Api& api, const HttpRequest& request);
HttpAnswer unbind_queue(Api& api, const HttpRequest& request);
HttpAnswer unbind_exchange(Api& api, const HttpRequest& request);

// virtual_hosts.cpp
HttpAnswer list_virtual_hosts(Api& api, const HttpRequest& request);
HttpAnswer get_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer put_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer delete_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer get_virtual_host_protection(Api& api, const HttpRequest& request);
HttpAnswer protect_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer unprotect_virtual_host(Api& api, const HttpRequest& request);

// users.cpp
HttpAnswer list_users(Api& api, const HttpRequest& request);
HttpAnswer list_users_without_permissions(Api& api, const HttpRequest& request);
HttpAnswer get_user(Api& api, const HttpRequest& request);
HttpAnswer put_user(Api& api, const HttpRequest& request);
HttpAnswer delete_user(Api& api, const HttpRequest& request);
HttpAnswer delete_users(Api& api, const HttpRequest& request);

// permissions.cpp
HttpAnswer list_permissions(Api& api, const HttpRequest& request);
HttpAnswer list_permissions_of_user(Api& api, const HttpRequest& request);
HttpAnswer list_permissions_of_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer get_permissions(Api& api, const HttpRequest& request);
HttpAnswer put_permissions(Api& api, const HttpRequest& request);
HttpAnswer delete_permissions(Api& api, const HttpRequest& request);

// topic_permissions.cpp
HttpAnswer list_topic_permissions(Api& api, const HttpRequest& request);
HttpAnswer list_topic_permissions_of_user(Api& api, const HttpRequest& request);
HttpAnswer list_topic_permissions_of_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer get_topic_permissions(Api& api, const HttpRequest& request);
HttpAnswer put_topic_permissions(Api& api, const HttpRequest& request);
HttpAnswer delete_topic_permissions(Api& api, const HttpRequest& request);

// policies.cpp
HttpAnswer list_policies(Api& api, const HttpRequest& request);
HttpAnswer list_policies_of_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer get_policy(Api& api, const HttpRequest& request);
HttpAnswer put_policy(Api& api, const HttpRequest& request);
HttpAnswer delete_policy(Api& api, const HttpRequest& request);
HttpAnswer list_operator_policies(Api& api, const HttpRequest& request);
HttpAnswer list_operator_policies_of_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer get_operator_policy(Api& api, const HttpRequest& request);
HttpAnswer put_operator_policy(Api& api, const HttpRequest& request);
HttpAnswer delete_operator_policy(Api& api, const HttpRequest& request);

// limits.cpp
HttpAnswer list_virtual_host_limits(Api& api, const HttpRequest& request);
HttpAnswer list_limits_of_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer put_virtual_host_limit(Api& api, const HttpRequest& request);
HttpAnswer delete_virtual_host_limit(Api& api, const HttpRequest& request);
HttpAnswer list_user_limits(Api& api, const HttpRequest& request);
HttpAnswer list_limits_of_user(Api& api, const HttpRequest& request);
HttpAnswer put_user_limit(Api& api, const HttpRequest& request);
HttpAnswer delete_user_limit(Api& api, const HttpRequest& request);

// parameters.cpp
HttpAnswer list_parameters(Api& api, const HttpRequest& request);
HttpAnswer list_parameters_of_component(Api& api, const HttpRequest& request);
HttpAnswer list_parameters_of_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer get_parameter(Api& api, const HttpRequest& request);
HttpAnswer put_parameter(Api& api, const HttpRequest& request);
HttpAnswer delete_parameter(Api& api, const HttpRequest& request);
HttpAnswer list_global_parameters(Api& api, const HttpRequest& request);
HttpAnswer get_global_parameter(Api& api, const HttpRequest& request);
HttpAnswer put_global_parameter(Api& api, const HttpRequest& request);
HttpAnswer delete_global_parameter(Api& api, const HttpRequest& request);
HttpAnswer get_cluster_name(Api& api, const HttpRequest& request);
HttpAnswer put_cluster_name(Api& api, const HttpRequest& request);

// definitions.cpp
HttpAnswer get_definitions(Api& api, const HttpRequest& request);
HttpAnswer get_definitions_of_virtual_host(Api& api, const HttpRequest& request);
HttpAnswer post_definitions(Api& api, const HttpRequest& request);
HttpAnswer post_definitions_of_virtual_host(Api& api, const HttpRequest& request);

} // namespace broker
