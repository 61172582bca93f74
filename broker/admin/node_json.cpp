#include "broker/admin/node_json.hpp"

#include "broker/admin/process.hpp"
#include "broker/admin/statistics_json.hpp"
#include "broker/core/exchange_type.hpp"

#include <chrono>
#include <string>

namespace broker {
namespace {

namespace json = boost::json;

json::array auth_mechanisms_json(std::string_view mechanisms) {
    json::array array;
    while (!mechanisms.empty()) {
        const std::size_t end = std::min(mechanisms.find(' '), mechanisms.size());
        array.push_back({{"name", mechanisms.substr(0, end)}, {"description", ""}, {"enabled", true}});
        mechanisms.remove_prefix(std::min(end + 1, mechanisms.size()));
    }
    return array;
}

// RabbitMQ's names of what takes memory: parts of its runtime, most of them.
constexpr std::string_view parts_of_memory[] = {
    "connection_readers", "connection_writers", "connection_channels", "connection_other", "queue_procs",
    "quorum_queue_procs", "quorum_queue_dlx_procs", "stream_queue_procs", "stream_queue_replica_reader_procs",
    "stream_queue_coordinator_procs", "plugins", "metadata_store", "other_proc", "metrics", "mgmt_db", "mnesia",
    "quorum_ets", "metadata_store_ets", "other_ets", "binary", "msg_index", "code", "atom", "allocated_unused",
    "reserved_unallocated"};

json::object memory_parts(std::uint64_t in_use) {
    json::object parts;
    for (const std::string_view part : parts_of_memory) {
        parts[part] = 0;
    }
    parts["other_system"] = in_use;
    return parts;
}

// What dashboards read and we do not count, or do not have.
void put_uncounted(json::object& object) {
    for (const std::string_view name :
         {"gc_num", "gc_bytes_reclaimed", "io_sync_count", "io_seek_count", "io_reopen_count", "mnesia_ram_tx_count",
          "mnesia_disk_tx_count", "msg_store_read_count", "msg_store_write_count", "queue_index_read_count",
          "queue_index_write_count"}) {
        put_rated(object, name, 0);
    }
    for (const std::string_view name :
         {"io_read_avg_time", "io_write_avg_time", "io_sync_avg_time", "io_seek_avg_time"}) {
        object[name] = 0.0;
        object[std::string(name) + "_details"] = json::object{{"rate", 0.0}};
    }
    object["run_queue"] = 0;
    object["net_ticktime"] = 60;
    object["partitions"] = json::array();
    object["cluster_links"] = json::array();
    object["metrics_gc_queue_length"] = json::object();
    object["ra_open_file_metrics"] = json::object();
    object["log_files"] = json::array{"stderr"};
    object["config_files"] = json::array();
    object["enabled_plugins"] = json::array{"rabbitmq_management"};
}

void put_process(json::object& object, const ProcessFacts& facts) {
    object["os_pid"] = std::to_string(facts.pid);
    object["fd_total"] = facts.max_open_files;
    object["sockets_total"] = facts.max_open_files;
    object["mem_calculation_strategy"] = "rss";
    object["proc_total"] = 1'048'576;
    object["processors"] = facts.processors;
    put_rated(object, "mem_used", facts.resident_bytes);
    put_rated(object, "fd_used", facts.open_files);
    put_rated(object, "proc_used", facts.threads);
    put_rated(object, "context_switches", facts.context_switches);
    put_rated(object, "io_read_count", facts.read_calls);
    put_rated(object, "io_read_bytes", facts.read_bytes);
    put_rated(object, "io_write_count", facts.write_calls);
    put_rated(object, "io_write_bytes", facts.write_bytes);
}

} // namespace

json::array exchange_types_json() {
    json::array types;
    for (const std::string_view type : exchange_types) {
        types.push_back(
            {{"name", type}, {"description", "AMQP " + std::string(type) + " exchange"}, {"enabled", true}});
    }
    return types;
}

json::array listeners_json(const Node& node) {
    json::array listeners;
    for (const ListenerInfo& listener : node.listeners()) {
        listeners.push_back({{"node", node.info().node_name},
                             {"protocol", listener.protocol},
                             {"ip_address", listener.address},
                             {"port", listener.port},
                             {"tls", listener.certificate.has_value()},
                             {"socket_opts", json::object{{"backlog", 128}, {"nodelay", true}}}});
    }
    return listeners;
}

json::array contexts_json(const Node& node) {
    json::array contexts;
    for (const ListenerInfo& listener : node.listeners()) {
        if (listener.protocol.starts_with("http")) {
            contexts.push_back({{"node", node.info().node_name},
                                {"description", "RabbitMQ Management"},
                                {"path", "/"},
                                {"ip", listener.address},
                                {"port", listener.port},
                                {"cowboy_opts", "[]"}});
        }
    }
    return contexts;
}

json::object node_json(Node& node, std::size_t sockets_used) {
    const NodeInfo& info = node.info();
    const Resources resources = node.resources();
    const auto uptime = std::chrono::system_clock::now() - info.started_at;
    json::object object{{"name", info.node_name},
                        {"type", "disc"},
                        {"running", true},
                        {"being_drained", false},
                        {"uptime", std::chrono::duration_cast<std::chrono::milliseconds>(uptime).count()},
                        {"rates_mode", "basic"},
                        {"rabbitmq_version", info.version},
                        {"erlang_version", ""},
                        {"db_dir", info.data_directory},
                        {"mem_limit", resources.memory_limit},
                        {"mem_alarm", resources.alarms.memory},
                        {"disk_free_limit", resources.disk_free_limit},
                        {"disk_free_alarm", resources.alarms.disk},
                        {"exchange_types", exchange_types_json()},
                        {"auth_mechanisms", auth_mechanisms_json(node.authenticator().mechanisms_with_certificate())},
                        {"applications", json::array{json::object{{"name", "leveret"},
                                                                  {"description", "AMQP 0-9-1 broker"},
                                                                  {"version", info.own_version}}}},
                        {"contexts", contexts_json(node)}};
    put_process(object, process_facts());
    put_rated(object, "disk_free", free_disk_bytes(info.data_directory.c_str()));
    put_rated(object, "sockets_used", sockets_used);
    put_uncounted(object);
    return object;
}

json::object node_memory_json() {
    const std::uint64_t resident = process_facts().resident_bytes;
    json::object memory = memory_parts(resident);
    memory["strategy"] = "rss";
    memory["total"] = {{"erlang", 0}, {"rss", resident}, {"allocated", resident}};
    return {{"memory", std::move(memory)}};
}

json::object relative_node_memory_json() {
    json::object memory = memory_parts(100);
    memory["total"] = 100;
    return {{"memory", std::move(memory)}};
}

} // namespace broker
