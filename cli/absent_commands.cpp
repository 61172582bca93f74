#include "cli/command_table.hpp"

#include <algorithm>
#include <array>

namespace cli {
namespace {

constexpr auto absences = std::to_array<Absence>({
    {"add_member add_replica await_online_nodes await_online_quorum_plus_one await_online_synchronized_mirror "
     "cancel_sync_queue change_cluster_node_type delete_member delete_replica discover_peers drain force_boot "
     "force_checkpoint forget_cluster_node grow join_cluster rebalance reclaim_quorum_memory rename_cluster_node "
     "revive "
     "shrink sync_queue transfer_leadership update_cluster_nodes",
     "there is one node and no other to share with"},
    {"shutdown start_app stop stop_app wait",
     "the service manager starts and stops the broker (systemctl stop leveret); await_startup waits for it"},
    {"force_reset reset", "delete what is to go, or start the broker on an empty data directory"},
    {"rotate_logs set_disk_free_limit set_log_level set_vm_memory_high_watermark",
     "it is a setting: change the configuration file, then systemctl reload leveret"},
    {"log_tail log_tail_stream", "journalctl -u leveret shows the log, or tail -f the files that log_location names"},
    {"certificates cipher_suites list_network_interfaces os_env resolve_hostname resolver_info tls_versions",
     "ask the broker's machine (openssl, ip, getent); check_certificate_expiration watches certificates"},
    {"command_line_arguments erlang_cookie_hash erlang_cookie_sources erlang_version eval eval_file exec force_gc "
     "hipe_compile maybe_stuck observer remote_shell runtime_thread_stats schema_info",
     "there is no Erlang inside"},
    {"list_unresponsive_queues node_health_check", "check_running and check_virtual_hosts say whether all is well"},
    {"consume_event_stream", "bind a queue to the exchange amq.rabbitmq.event and consume from it"},
    {"decode encode list_ciphers list_hashes", "encrypted values in the configuration are not supported"},
    {"disable_auth_attempt_source_tracking enable_auth_attempt_source_tracking",
     "nobody keeps where logins came from; list_node_auth_attempt_stats counts them"},
    {"resume_listeners suspend_listeners", "listeners are open as long as the broker runs"},
    {"delete_shovel federation_status restart_federation_link restart_shovel shovel_status",
     "there is no shovel and no federation"},
    {"add_super_stream delete_super_stream list_stream_connections list_stream_consumers list_stream_publishers "
     "restart_stream set_stream_retention_policy stream_status",
     "there are no streams"},
    {"autocomplete", "completion writes a script for the shell"},
});

std::string between_blanks(std::string_view text) {
    return ' ' + std::string(text) + ' ';
}

} // namespace

std::span<const Absence> absent_commands() {
    return absences;
}

std::string_view reason_of_absence(std::string_view name) {
    const auto* const found = std::ranges::find_if(absences, [&](const Absence& each) {
        return between_blanks(each.names).find(between_blanks(name)) != std::string::npos;
    });
    return found == absences.end() ? std::string_view() : found->reason;
}

} // namespace cli
