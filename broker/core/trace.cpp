#include "broker/core/trace.hpp"

#include "protocol/properties.hpp"

#include <cstdint>
#include <utility>

namespace broker {
namespace {

amqp::FieldTable table_of(const amqp::BasicProperties& properties) {
    amqp::FieldTable table;
    const auto add = [&](std::string_view name, const auto& value) {
        if (value) {
            table.append(name, *value);
        }
    };
    add("content_type", properties.content_type);
    add("content_encoding", properties.content_encoding);
    add("headers", properties.headers);
    add("delivery_mode", properties.delivery_mode);
    add("priority", properties.priority);
    add("correlation_id", properties.correlation_id);
    add("reply_to", properties.reply_to);
    add("expiration", properties.expiration);
    add("message_id", properties.message_id);
    if (properties.timestamp) {
        table.append("timestamp", amqp::Timestamp{*properties.timestamp});
    }
    add("type", properties.type);
    add("user_id", properties.user_id);
    add("app_id", properties.app_id);
    add("cluster_id", properties.cluster_id);
    return table;
}

amqp::FieldTable headers_of(const amqp::Message& message, const std::vector<std::string>* extra_keys,
                            std::string_view node) {
    amqp::Array keys{message.routing_key()};
    if (extra_keys != nullptr) {
        keys.insert(keys.end(), extra_keys->begin(), extra_keys->end());
    }
    const auto properties = amqp::BasicProperties::decode(message.properties());
    return {{"exchange_name", message.exchange()},
            {"routing_keys", std::move(keys)},
            {"properties", table_of(*properties)}, // well formed, or no message
            {"node", node}};
}

void add_peer(amqp::FieldTable& headers, const TracedPeer& peer) {
    headers.append("vhost", peer.virtual_host);
    headers.append("connection", peer.connection);
    headers.append("channel", static_cast<std::int32_t>(peer.channel));
    headers.append("user", peer.user);
}

// A routing key has no room for the longest names: they are cut.
amqp::MessagePtr trace(std::string key, amqp::FieldTable headers, amqp::Bytes body) {
    key.resize(std::min(key.size(), amqp::ShortString::max_size));
    amqp::BasicProperties properties;
    properties.headers = std::move(headers);
    return amqp::Message::make(trace_exchange, key, properties.encode(), body);
}

} // namespace

amqp::MessagePtr trace_of_publish(const amqp::Message& message, const std::vector<std::string>* extra_keys,
                                  const std::vector<std::string>& routed_queues, const TracedPeer& publisher) {
    amqp::FieldTable headers = headers_of(message, extra_keys, publisher.node);
    add_peer(headers, publisher);
    headers.append("routed_queues", amqp::Array(routed_queues.begin(), routed_queues.end()));
    return trace("publish." + std::string(message.exchange()), std::move(headers), message.body());
}

amqp::MessagePtr trace_of_delivery(const amqp::Message& message, std::string_view queue, bool redelivered,
                                   const TracedPeer& consumer) {
    amqp::FieldTable headers = headers_of(message, nullptr, consumer.node);
    headers.append("redelivered", std::int32_t{redelivered});
    add_peer(headers, consumer);
    return trace("deliver." + std::string(queue), std::move(headers), message.body());
}

} // namespace broker
