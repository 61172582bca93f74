#include "config/setting_table.hpp"

namespace config {

namespace {

constexpr std::uint64_t max_int32 = 2'147'483'647;

std::vector<Setting> server_rows() {
    const auto count = integer<std::uint32_t>("", {0, max_int32});
    const auto milliseconds = integer<std::uint32_t>("milliseconds", {0, max_int32});
    const auto bytes = size<std::uint64_t>({0, 1ULL << 60});
    return {
        accepted("num_acceptors.tcp", count, "10", "Leveret accepts on its network threads."),
        accepted("num_acceptors.ssl", count, "10", "As above."),
        accepted("tcp_listen_options.buffer", bytes, "", "User-space buffer of a socket."),
        accepted("tcp_listen_options.exit_on_close", boolean(), "false", ""),
        accepted("tcp_listen_options.send_timeout", milliseconds, "", ""),
        accepted("reverse_dns_lookups", boolean(), "false", ""),
        accepted("session_max_per_connection", limit(1), "64", "AMQP 1.0."),
        accepted("link_max_per_session", limit(1), "256", "AMQP 1.0."),
        accepted("ranch_connection_max", limit(0), "infinity", ""),
        accepted("vhost_max", limit(0), "infinity", ""),
        accepted("cluster_queue_limit", limit(0), "infinity", ""),
        accepted("cluster_exchange_limit", limit(0), "infinity", ""),
        accepted("consumer_disconnected_timeout", milliseconds, "60000", ""),
        accepted("channel_operation_timeout", milliseconds, "15000", ""),
        accepted("password_hashing_module", anything(), "rabbit_password_hashing_sha256", ""),
        accepted("vm_memory_calculation_strategy", one_of({"rss", "allocated", "legacy", "erlang"}), "rss", ""),
        accepted("queue_leader_locator", one_of({"balanced", "client-local", "min-masters", "random"}), "balanced", ""),
        accepted("queue_index_embed_msgs_below", bytes, "4096", ""),
        accepted("collect_statistics", one_of({"none", "coarse", "fine"}), "none", ""),
        accepted("log.exchange", boolean(), "false", "Log to the exchange amq.rabbitmq.log."),
        accepted("definitions.import_backend", one_of({"local_filesystem"}), "local_filesystem", ""),
        accepted("log.syslog", boolean(), "false", ""),
        accepted("management.http_log_dir", anything(), "", ""),
        accepted("management.rates_mode", one_of({"basic", "detailed", "none"}), "basic", ""),
        accepted("management.http.max_body_size", bytes, "20MiB", ""),
        accepted("management.login_session_timeout", integer<std::uint32_t>("minutes", {0, max_int32}), "480", ""),
        accepted("management.disable_stats", boolean(), "false", ""),
        accepted("management.enable_queue_totals", boolean(), "false", ""),
        accepted("prometheus.path", anything(), "/metrics", ""),
        accepted("prometheus.return_per_object_metrics", boolean(), "false", ""),
        accepted("cluster_partition_handling", anything(), "ignore", ""),
        accepted("cluster_keepalive_interval", milliseconds, "10000", ""),
        accepted("net_ticktime", integer<std::uint32_t>("seconds", {0, max_int32}), "60", ""),
        accepted("mirroring_sync_batch_size", count, "4096", ""),
        accepted("vhost_restart_strategy", one_of({"continue", "stop_node", "transient", "persistent"}), "continue",
                 ""),
        accepted("motd_file", anything(), "", ""),
        accepted("background_gc_enabled", boolean(), "false", ""),
        accepted("background_gc_target_interval", milliseconds, "60000", ""),
        accepted("socket_writer.gc_threshold", anything(), "1000000000", ""),
        accepted("lazy_queue_explicit_gc_run_operation_threshold", count, "1000", ""),
        accepted("queue_explicit_gc_run_operation_threshold", count, "1000", ""),
    };
}

} // namespace

std::vector<Setting> accepted_rows() {
    std::vector<Setting> rows = server_rows();
    // Families of which nothing is known but their first part; a value is taken as it is.
    for (const char* family : {"auth_cache.*",
                               "auth_http.*",
                               "auth_ldap.*",
                               "auth_oauth2.*",
                               "channel_interceptor.*",
                               "classic_queue.*",
                               "cluster_formation.*",
                               "cluster_tags.*",
                               "consistent_hash_exchange.*",
                               "credential_validator.*",
                               "default_limits.*",
                               "default_policies.*",
                               "default_users.*",
                               "definitions.*",
                               "deprecated_features.*",
                               "distribution.*",
                               "federation.*",
                               "http_dispatch.*",
                               "log.exchange.*",
                               "log.federation.*",
                               "log.file.rotation.*",
                               "log.mirroring.*",
                               "log.syslog.*",
                               "log.upgrade.*",
                               "log.connection.*",
                               "log.channel.*",
                               "log.queue.*",
                               "log.user.*",
                               "log.default.*",
                               "management.cors.*",
                               "management.csp.*",
                               "management.db_cache_multiplier.*",
                               "management.headers.*",
                               "management.hsts.*",
                               "management.http.*",
                               "management.oauth_*",
                               "management.process_stats_gc_timeout.*",
                               "management.restrictions.*",
                               "management.sample_retention_policies.*",
                               "management.ssl.*",
                               "management.tcp.*",
                               "management_agent.*",
                               "message_interceptors.*",
                               "metadata_store.*",
                               "mqtt.*",
                               "node_tags.*",
                               "product.*",
                               "prometheus.authentication.*",
                               "prometheus.ssl.*",
                               "prometheus.tcp.*",
                               "proxy_protocol.*",
                               "quorum_queue.*",
                               "raft.*",
                               "runtime_metrics.*",
                               "shovel.*",
                               "ssl_options.*",
                               "stomp.*",
                               "stream.*",
                               "sysmon_handler.*",
                               "trust_store.*",
                               "web_mqtt.*",
                               "web_stomp.*"})
        rows.push_back(accepted(family, anything(), "", ""));
    return rows;
}

} // namespace config
