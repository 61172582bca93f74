#include "broker/admin/views.hpp"

#include "broker/admin/field_json.hpp"
#include "broker/admin/properties_key.hpp"
#include "broker/admin/statistics_json.hpp"
#include "broker/admin/text.hpp"
#include "broker/core/effective_policy.hpp"

#include <boost/json/monotonic_resource.hpp>

#include <charconv>

namespace broker {
namespace {

namespace json = boost::json;

json::value text_or_null(std::string_view text) {
    return text.empty() ? json::value(nullptr) : json::value(json_text(text));
}

json::value name_or_null(const PolicyPtr& policy) {
    return policy == nullptr ? json::value(nullptr) : json::value(json_text(policy->name));
}

void put_memory(json::object& object, const QueueSnapshot& queue) {
    const std::uint64_t messages = queue.ready + queue.unacked;
    const std::uint64_t bytes = queue.ready_bytes + queue.unacked_bytes;
    const std::uint64_t paged_out = queue.ready - queue.resident;
    object["memory"] = sizeof(Queue) + queue.footprint;
    object["message_bytes"] = bytes;
    object["message_bytes_ready"] = queue.ready_bytes;
    object["message_bytes_unacknowledged"] = queue.unacked_bytes;
    object["message_bytes_ram"] = queue.footprint + queue.unacked_bytes;
    object["message_bytes_persistent"] = queue.durable ? bytes : 0; // not counted apart: as if all were
    object["message_bytes_paged_out"] = queue.ready == 0 ? 0 : queue.ready_bytes * paged_out / queue.ready;
    object["messages_ram"] = queue.resident + queue.unacked;
    object["messages_ready_ram"] = queue.resident;
    object["messages_unacknowledged_ram"] = queue.unacked;
    object["messages_persistent"] = queue.durable ? messages : 0;
    object["messages_paged_out"] = paged_out;
    object["head_message_timestamp"] =
        queue.head_timestamp_s ? json::value(*queue.head_timestamp_s) : json::value(nullptr);
}

ConnectionEnds unknown_ends() {
    return {"unknown", "unknown", 0, 0};
}

bool split(std::string_view endpoint, std::string& host, unsigned& port) {
    const std::size_t colon = endpoint.rfind(':');
    if (colon == std::string_view::npos) {
        return false;
    }
    host = endpoint.substr(0, colon);
    return std::from_chars(endpoint.data() + colon + 1, endpoint.data() + endpoint.size(), port).ec == std::errc();
}

} // namespace

ConnectionEnds ends_of(std::string_view connection_name) {
    constexpr std::string_view arrow = " -> ";
    const std::size_t middle = connection_name.find(arrow);
    ConnectionEnds ends;
    if (middle == std::string_view::npos || !split(connection_name.substr(0, middle), ends.peer_host, ends.peer_port) ||
        !split(connection_name.substr(middle + arrow.size()), ends.host, ends.port)) {
        return unknown_ends();
    }
    return ends;
}

json::object queue_json(const QueueSnapshot& queue, std::string_view virtual_host, std::string_view node) {
    constexpr std::size_t usual_keys = 64, usual_octets = 8 << 10; // one piece of memory, not a hundred: lists are long
    json::object object({{"name", json_text(queue.name)},
                         {"vhost", json_text(virtual_host)},
                         {"type", name(queue.type)},
                         {"durable", queue.durable},
                         {"auto_delete", queue.auto_delete},
                         {"exclusive", queue.exclusive},
                         {"arguments", to_json(queue.arguments)},
                         {"node", node},
                         {"state", "running"},
                         {"consumers", queue.consumers},
                         {"policy", name_or_null(queue.policies.user)},
                         {"operator_policy", name_or_null(queue.policies.operators)},
                         {"effective_policy_definition", to_json(effective_definition(queue.policies))},
                         {"exclusive_consumer_tag", text_or_null(queue.exclusive_consumer_tag)},
                         {"single_active_consumer_tag", text_or_null(queue.single_active_consumer_tag)},
                         {"garbage_collection", json::object()},
                         {"storage_version", 2}},
                        usual_keys, json::make_shared_resource<json::monotonic_resource>(usual_octets));
    put_message_counts(object, queue.ready, queue.unacked);
    put_rated(object, "reductions", 0);
    put_memory(object, queue);
    if (!queue.owner.empty()) {
        const ConnectionEnds ends = ends_of(queue.owner);
        object["owner_pid_details"] = json::object{
            {"name", json_text(queue.owner)}, {"peer_host", ends.peer_host}, {"peer_port", ends.peer_port}};
    }
    if (json::object stats = message_stats(queue.statistics); !stats.empty()) {
        object["message_stats"] = std::move(stats);
    }
    return object;
}

json::object exchange_json(const ExchangeSnapshot& exchange, std::string_view virtual_host) {
    json::object object{{"name", json_text(exchange.name)},
                        {"vhost", json_text(virtual_host)},
                        {"type", exchange.type},
                        {"durable", exchange.durable},
                        {"auto_delete", exchange.auto_delete},
                        {"internal", exchange.internal},
                        {"arguments", to_json(exchange.arguments)},
                        {"policy", name_or_null(exchange.policies.user)},
                        {"user_who_performed_action", "rmq-internal"}};
    json::object stats;
    put_group(stats, {{"publish_in", exchange.published_in}, {"publish_out", exchange.published_out}});
    if (!stats.empty()) {
        object["message_stats"] = std::move(stats);
    }
    return object;
}

json::object binding_json(const BindingSnapshot& binding, std::string_view virtual_host) {
    return {{"source", json_text(binding.source)},
            {"vhost", json_text(virtual_host)},
            {"destination", json_text(binding.destination)},
            {"destination_type", binding.destination_kind == Destination::Kind::queue ? "queue" : "exchange"},
            {"routing_key", json_text(binding.routing_key)},
            {"arguments", to_json(binding.arguments)},
            {"properties_key", properties_key(binding.routing_key, binding.arguments)}};
}

json::object consumer_json(const ConsumerSnapshot& consumer, std::string_view virtual_host, const NodeInfo& node) {
    const ConnectionEnds ends = ends_of(consumer.connection);
    const std::string channel_name = consumer.connection + " (" + std::to_string(consumer.channel) + ")";
    const bool asks_node = consumer.timeout_ms == Consumer::nodes_timeout;
    return {{"consumer_tag", json_text(consumer.tag)},
            {"queue", json::object{{"name", json_text(consumer.queue)}, {"vhost", json_text(virtual_host)}}},
            {"channel_details", json::object{{"name", json_text(channel_name)},
                                             {"number", consumer.channel},
                                             {"user", json_text(consumer.user)},
                                             {"connection_name", json_text(consumer.connection)},
                                             {"peer_host", ends.peer_host},
                                             {"peer_port", ends.peer_port},
                                             {"node", node.node_name}}},
            {"ack_required", !consumer.no_ack},
            {"exclusive", consumer.exclusive},
            {"active", consumer.active},
            {"activity_status", !consumer.single_active ? "up" : consumer.active ? "single_active" : "waiting"},
            {"prefetch_count", consumer.prefetch},
            {"arguments", to_json(consumer.arguments)},
            {"consumer_timeout", asks_node ? node.consumer_timeout_ms : consumer.timeout_ms}};
}

BindingSnapshot default_binding(std::string_view queue) {
    return {"", std::string(queue), Destination::Kind::queue, std::string(queue), {}};
}

} // namespace broker
