#include "broker/admin/metrics_node.hpp"

#include "broker/admin/cluster_name.hpp"
#include "broker/admin/process.hpp"
#include "broker/admin/session_list.hpp"
#include "broker/admin/totals.hpp"
#include "broker/core/dead_letter.hpp"

#include <chrono>
#include <string>

namespace broker {
namespace {

using enum MetricType;

void put_process(Api& api, MetricsPage& page, std::size_t sockets) {
    const ProcessFacts facts = process_facts();
    const auto uptime = std::chrono::system_clock::now() - api.node.info().started_at;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(uptime).count();
    page.put("process_open_fds", gauge, "Open file descriptors", facts.open_files);
    page.put("process_max_fds", gauge, "Open file descriptors limit", facts.max_open_files);
    page.put("process_open_tcp_sockets", gauge, "Open TCP sockets", sockets);
    page.put("process_max_tcp_sockets", gauge, "Open TCP sockets limit", facts.max_open_files);
    page.put("process_resident_memory_bytes", gauge, "Memory used in bytes", facts.resident_bytes);
    page.put("resident_memory_limit_bytes", gauge, "Memory high watermark in bytes", api.node.resources().memory_limit);
    page.put("disk_space_available_bytes", gauge, "Disk space available in bytes",
             free_disk_bytes(api.node.info().data_directory.c_str()));
    page.put("disk_space_available_limit_bytes", gauge, "Free disk space low watermark in bytes",
             api.node.resources().disk_free_limit);
    page.put("erlang_processes_used", gauge, "Threads of the process", facts.threads);
    page.put("erlang_processes_limit", gauge, "No limit of our own", 1 << 20);
    page.put("erlang_scheduler_run_queue", gauge, "Not counted: always 0", 0);
    page.put("erlang_scheduler_context_switches_total", counter, "Context switches", facts.context_switches);
    page.put("erlang_uptime_seconds", gauge, "Node uptime", static_cast<std::uint64_t>(seconds));
    page.put("erlang_net_ticktime_seconds", gauge, "Inter-node heartbeat interval", 60);
    page.put("io_read_ops_total", counter, "Read system calls", facts.read_calls);
    page.put("io_read_bytes_total", counter, "Octets read from storage", facts.read_bytes);
    page.put("io_write_ops_total", counter, "Write system calls", facts.write_calls);
    page.put("io_write_bytes_total", counter, "Octets written to storage", facts.write_bytes);
}

void put_alarms(const Alarms& alarms, MetricsPage& page) {
    page.put("alarms_memory_used_watermark", gauge, "is 1 if VM memory watermark alarm is in effect",
             alarms.memory);
    page.put("alarms_free_disk_space_watermark", gauge, "is 1 if free disk space watermark alarm is in effect",
             alarms.disk);
    page.put("alarms_file_descriptor_limit", gauge, "is 1 if file descriptor limit alarm is in effect", 0);
}

void put_churn(MetricsPage& page, const VirtualHostCounts<std::uint64_t>& counts) {
    page.put("connections_opened_total", counter, "Total number of connections opened", counts.connections_created);
    page.put("connections_closed_total", counter, "Total number of connections closed or terminated",
             counts.connections_closed);
    page.put("channels_opened_total", counter, "Total number of channels opened", counts.channels_created);
    page.put("channels_closed_total", counter, "Total number of channels closed", counts.channels_closed);
    page.put("queues_declared_total", counter, "Total number of queues declared", counts.queues_declared);
    page.put("queues_created_total", counter, "Total number of queues created", counts.queues_created);
    page.put("queues_deleted_total", counter, "Total number of queues deleted", counts.queues_deleted);
}

constexpr std::string_view protocol = R"(protocol="amqp091")";
// Not counted apart by type of queue.
constexpr std::string_view protocol_and_type = R"(protocol="amqp091",queue_type="rabbit_classic_queue")";
constexpr std::string_view type_and_strategy =
    R"(queue_type="rabbit_classic_queue",dead_letter_strategy="at_most_once")";

void put_received(MetricsPage& page, const VirtualHostCounts<std::uint64_t>& host) {
    const std::uint64_t unroutable = host.dropped_unroutable + host.returned_unroutable;
    page.put("global_messages_received_total", counter, "Messages received from publishers", host.published, protocol);
    page.put("global_messages_received_confirm_total", counter, "Messages received with publisher confirms enabled",
             host.published_confirm, protocol);
    page.put("global_messages_confirmed_total", counter, "Messages confirmed to publishers", host.confirmed, protocol);
    page.put("global_messages_routed_total", counter, "Messages routed to queues or streams",
             host.published - unroutable, protocol);
    page.put("global_messages_unroutable_dropped_total", counter, "Unroutable messages dropped",
             host.dropped_unroutable, protocol);
    page.put("global_messages_unroutable_returned_total", counter, "Unroutable messages returned",
             host.returned_unroutable, protocol);
    page.put_histogram("message_size_bytes", "Size of messages received from publishers", message_size_bounds,
                       host.message_sizes.messages, host.message_sizes.bytes, protocol);
}

void put_delivered(MetricsPage& page, const QueueStatistics& queues) {
    const auto put = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        page.put(name, counter, help, value, protocol_and_type);
    };
    put("global_messages_delivered_total", "Messages delivered to consumers",
        queues.delivered + queues.delivered_no_ack + queues.got + queues.got_no_ack);
    put("global_messages_delivered_consume_manual_ack_total", "Messages delivered, to be acknowledged",
        queues.delivered);
    put("global_messages_delivered_consume_auto_ack_total", "Messages delivered, acknowledged by that",
        queues.delivered_no_ack);
    put("global_messages_delivered_get_manual_ack_total", "Messages fetched, to be acknowledged", queues.got);
    put("global_messages_delivered_get_auto_ack_total", "Messages fetched, acknowledged by that", queues.got_no_ack);
    put("global_messages_get_empty_total", "Times basic.get fetched no message", queues.get_empty);
    put("global_messages_redelivered_total", "Messages redelivered to consumers", queues.redelivered);
    put("global_messages_acknowledged_total", "Messages acknowledged by consumers", queues.acknowledged);
}

void put_dead_lettered(MetricsPage& page, const VirtualHostCounts<std::uint64_t>& host) {
    for (const DeathReason reason :
         {DeathReason::rejected, DeathReason::expired, DeathReason::maxlen, DeathReason::delivery_limit}) {
        page.put("global_messages_dead_lettered_" + std::string(name(reason)) + "_total", counter,
                 "Messages dead-lettered", host.dead_lettered[static_cast<std::size_t>(reason)], type_and_strategy);
    }
}

void put_totals(MetricsPage& page, const VirtualHostSnapshot& totals) {
    page.put("connections", gauge, "Connections currently open", totals.connections);
    page.put("channels", gauge, "Channels currently open", totals.channels);
    page.put("consumers", gauge, "Consumers currently connected", totals.consumers);
    page.put("queues", gauge, "Queues available", totals.queues);
}

enum class Protocols : bool { together, apart };

void put_auth_attempts(Api& api, MetricsPage& page, Protocols protocols) {
    const std::vector<AuthAttempts> all = api.node.auth_attempts();
    const auto put = [&](std::string_view name, std::string_view help, auto value) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            sum += value(all[i]);
            if (protocols == Protocols::apart) {
                const std::string label = metric_label("protocol", all[i].protocol);
                i == 0 ? page.put(name, counter, help, value(all[i]), label)
                       : page.put_also(name, value(all[i]), label);
            }
        }
        if (protocols == Protocols::together) {
            page.put(name, counter, help, sum);
        }
    };
    put("auth_attempts_total", "Logins over AMQP and HTTP",
        [](const AuthAttempts& a) { return a.succeeded + a.failed; });
    put("auth_attempts_succeeded_total", "Logins that succeeded", [](const AuthAttempts& a) { return a.succeeded; });
    put("auth_attempts_failed_total", "Logins that failed", [](const AuthAttempts& a) { return a.failed; });
}

boost::asio::awaitable<std::uint64_t> count_publishers(Api& api) {
    const std::vector<SessionSnapshot> sessions = co_await list_sessions(api, nullptr);
    std::uint64_t publishers = 0;
    for (const SessionSnapshot& session : sessions) {
        for (const ChannelSnapshot& channel : session.channels) {
            publishers += channel.counters.publish > 0 ? 1 : 0;
        }
    }
    co_return publishers;
}

} // namespace

void put_identity(Api& api, MetricsPage& page, std::string_view endpoint) {
    const NodeInfo& info = api.node.info();
    const std::string cluster = cluster_name(api);
    page.put("build_info", gauge, "RabbitMQ & Erlang/OTP version info", 1,
             metric_label("rabbitmq_version", info.version) + ',' +
                 metric_label("prometheus_plugin_version", info.version) + ',' +
                 metric_label("prometheus_client_version", info.own_version) + R"(,erlang_version="",)" +
                 metric_label("product_name", "RabbitMQ") + ',' + metric_label("product_version", info.version) + ',' +
                 metric_label("leveret_version", info.own_version));
    page.put("identity_info", gauge, "RabbitMQ node & cluster identity info", 1,
             metric_label("rabbitmq_node", info.node_name) + ',' + metric_label("rabbitmq_cluster", cluster) + ',' +
                 metric_label("rabbitmq_cluster_permanent_id", "leveret-" + cluster) + ',' +
                 metric_label("rabbitmq_endpoint", endpoint));
}

boost::asio::awaitable<void> put_node(Api& api, MetricsPage& page, std::string_view endpoint) {
    const VirtualHostSnapshot totals = co_await snapshot_of(api, api.node.virtual_hosts());
    const std::uint64_t publishers = co_await count_publishers(api);
    put_identity(api, page, endpoint);
    put_totals(page, totals);
    put_churn(page, totals.counts.host);
    put_process(api, page, totals.connections);
    put_auth_attempts(api, page, endpoint == "aggregated" ? Protocols::together : Protocols::apart);
    put_alarms(api.node.resources().alarms, page);
    put_received(page, totals.counts.host);
    put_delivered(page, totals.counts.queues);
    put_dead_lettered(page, totals.counts.host);
    page.put("global_publishers", gauge, "Publishers currently connected", publishers, protocol);
    page.put("global_consumers", gauge, "Consumers currently connected", totals.consumers, protocol);
}

void put_families(Api& api, MetricsPage& page, const std::set<std::string_view>& families) {
    const Counts counts = counts_of(api.node.virtual_hosts());
    if (families.contains("connection_churn_metrics")) {
        put_churn(page, counts.host);
    }
    if (families.contains("node_coarse_metrics") || families.contains("node_metrics") ||
        families.contains("node_persister_metrics")) {
        put_process(api, page, counts.host.connections_created - counts.host.connections_closed);
    }
    if (families.contains("auth_attempt_metrics")) {
        put_auth_attempts(api, page, Protocols::apart);
    }
}

void put_virtual_host_status(Api& api, MetricsPage& page) {
    bool first = true;
    for (const VirtualHostPtr& virtual_host : api.node.virtual_hosts()) {
        const std::string label = metric_label("vhost", virtual_host->name());
        if (std::exchange(first, false)) {
            page.put("vhost_status", gauge, "Whether a given vhost is running", 1, label);
        } else {
            page.put_also("vhost_status", 1, label);
        }
    }
}

} // namespace broker
