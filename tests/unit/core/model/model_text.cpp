#include "model_text.hpp"

#include "protocol/properties.hpp"

namespace broker::model {
namespace {

std::string value_text(const amqp::FieldValue& value) {
    if (const auto* array = value.get_if<amqp::Array>()) {
        std::string text;
        for (const amqp::FieldValue& element : *array) {
            text += (text.empty() ? "" : ",") + value_text(element);
        }
        return "[" + text + "]";
    }
    if (const auto* table = value.get_if<amqp::FieldTable>()) {
        std::string text;
        for (const auto& [name, field] : *table) {
            text += (text.empty() ? "" : ",") + name + "=" + value_text(field);
        }
        return "{" + text + "}";
    }
    if (const auto* time = value.get_if<amqp::Timestamp>()) {
        return std::to_string(time->seconds) + "s";
    }
    return value.to_text();
}

std::string table_text(amqp::FieldTable table) {
    table.sort_by_key();
    return value_text(amqp::FieldValue(std::move(table)));
}

std::string entry_text(std::string_view body, std::string_view exchange, std::string_view key, bool redelivered,
                       std::int64_t count, std::optional<std::int64_t> expires_at) {
    return "\n    " + std::string(body) + " to " + std::string(exchange) + "/" + std::string(key) +
           (redelivered ? " redelivered" : "") + (count > 0 ? " count " + std::to_string(count) : "") +
           (expires_at ? " until " + std::to_string(*expires_at) : "");
}

amqp::Array array_of(const std::vector<std::string>& texts) {
    amqp::Array array;
    for (const std::string& text : texts) {
        array.emplace_back(text);
    }
    return array;
}

amqp::FieldTable death_table(const Death& death) { // [3.5]: names and order of the fields
    amqp::FieldTable table;
    if (death.original_expiration) {
        table.append("original-expiration", std::to_string(*death.original_expiration));
    }
    table.append("count", std::int64_t{death.count});
    table.append("reason", death.reason);
    table.append("queue", death.queue);
    table.append("time", amqp::Timestamp{static_cast<std::uint64_t>(death.time_s)});
    table.append("exchange", death.exchange);
    table.append("routing-keys", array_of(death.routing_keys));
    return table;
}

std::string entry_text(const Entry& entry) {
    const Message& message = *entry.message;
    return entry_text(message.body, message.exchange, message.routing_key, entry.redelivered, entry.failed_deliveries,
                      entry.expires_at) +
           " " + table_text(headers_of(message));
}

std::string entry_text(const amqp::Message& message, bool redelivered, std::uint32_t count, std::int64_t expires_at) {
    const auto properties = amqp::BasicProperties::decode(message.properties());
    const std::optional<std::int64_t> until =
        expires_at == storage::StoredMessage::no_expiry ? std::nullopt : std::optional(expires_at);
    return entry_text(message.body(), message.exchange(), message.routing_key(), redelivered, count, until) + " " +
           table_text(properties->headers.value_or(amqp::FieldTable{}));
}

} // namespace

amqp::FieldTable headers_of(const Message& message) {
    amqp::FieldTable headers = table_of(message.headers);
    if (!message.cc.empty()) {
        headers.append("CC", array_of(message.cc));
    }
    if (!message.deaths.empty()) {
        amqp::Array history;
        for (const Death& death : message.deaths) {
            history.emplace_back(death_table(death));
        }
        headers.append("x-death", std::move(history));
        for (const auto& [which, death] : {std::pair("first", message.first_death), {"last", message.last_death}}) {
            const std::string prefix = std::string("x-") + which + "-death-";
            headers.append(prefix + "exchange", death->at(0));
            headers.append(prefix + "queue", death->at(1));
            headers.append(prefix + "reason", death->at(2));
        }
    }
    return headers;
}

std::string queue_text(const Queue& queue) {
    std::string text = queue.name + " ready:";
    for (const Entry& entry : queue.ready) {
        text += entry_text(entry);
    }
    text += "\n" + queue.name + " unacked:";
    for (const Entry& entry : queue.unacked) {
        text += entry_text(entry);
    }
    return text;
}

std::string queue_text(const broker::Queue& queue, const RecordingPort& holder) {
    std::string text = queue.name() + " ready:";
    queue.for_each_resident([&](const ReadyMessage& ready) {
        text += entry_text(*ready.message, ready.redelivered, ready.delivery_count, ready.expires_at_ms);
    });
    text += "\n" + queue.name() + " unacked:";
    for (const RecordingPort::Delivery& delivery : holder.ledger()) {
        text += entry_text(*delivery.unacked.message, delivery.redelivered, delivery.unacked.delivery_count,
                           delivery.unacked.expires_at_ms);
    }
    return text;
}

std::string history_text(const Exchange& exchange) {
    std::string text = exchange.name + " remembers:";
    for (const MessagePtr& message : exchange.history) {
        text += entry_text({.message = message, .expires_at = message->expiration});
    }
    return text;
}

std::string history_text(const broker::Exchange& exchange) {
    std::string text = exchange.name() + " remembers:";
    for (const auto& [message, extra_keys] : exchange.parts.history->messages()) {
        const bool expires = message->expiration_ms() != amqp::Message::no_expiration;
        text += entry_text(*message, false, 0, expires ? message->expiration_ms() : storage::StoredMessage::no_expiry);
    }
    return text;
}

} // namespace broker::model
