#include "broker/admin/field_json.hpp"

#include "broker/admin/body.hpp"
#include "broker/admin/text.hpp"

#include <boost/json/array.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

namespace broker {
namespace {

namespace json = boost::json;

json::value text_or_base64(std::string_view octets) {
    return is_utf8(octets) ? json::value(octets) : json::value(encode_base64(octets));
}

json::value number(double value) {
    return std::isfinite(value) ? json::value(value) : json::value(nullptr); // JSON knows no others
}

struct ToJson {
    json::value operator()(const amqp::Void&) const { return nullptr; }
    json::value operator()(bool value) const { return value; }
    template <std::integral T>
    json::value operator()(T value) const {
        return static_cast<std::int64_t>(value);
    }
    json::value operator()(float value) const { return number(value); }
    json::value operator()(double value) const { return number(value); }
    json::value operator()(const amqp::Decimal& value) const {
        return number(value.value / std::pow(10.0, value.scale));
    }
    json::value operator()(const std::string& value) const { return text_or_base64(value); }
    json::value operator()(const amqp::ByteArray& value) const { return text_or_base64(value.bytes); }
    json::value operator()(const amqp::Timestamp& value) const { return value.seconds; }
    json::value operator()(const amqp::FieldTable& value) const { return to_json(value); }
    json::value operator()(const amqp::Array& values) const {
        json::array array;
        for (const amqp::FieldValue& value : values) {
            array.push_back(to_json(value));
        }
        return array;
    }
};

template <class T>
void put(json::object& object, std::string_view name, const std::optional<T>& value) {
    if (!value) {
        return;
    }
    if constexpr (std::is_same_v<T, std::string>) {
        object[name] = text_or_base64(*value);
    } else {
        object[name] = *value;
    }
}

} // namespace

json::value to_json(const amqp::FieldValue& value) {
    return std::visit(ToJson(), value.variant());
}

json::object to_json(const amqp::FieldTable& table) {
    json::object object;
    for (const auto& [key, value] : table) {
        object[json_text(key)] = to_json(value);
    }
    return object;
}

json::object to_json(const amqp::BasicProperties& properties) {
    json::object object;
    put(object, "content_type", properties.content_type);
    put(object, "content_encoding", properties.content_encoding);
    if (properties.headers) {
        object["headers"] = to_json(*properties.headers);
    }
    put(object, "delivery_mode", properties.delivery_mode);
    put(object, "priority", properties.priority);
    put(object, "correlation_id", properties.correlation_id);
    put(object, "reply_to", properties.reply_to);
    put(object, "expiration", properties.expiration);
    put(object, "message_id", properties.message_id);
    put(object, "timestamp", properties.timestamp);
    put(object, "type", properties.type);
    put(object, "user_id", properties.user_id);
    put(object, "app_id", properties.app_id);
    put(object, "cluster_id", properties.cluster_id);
    return object;
}

amqp::Result<amqp::FieldValue> field_value(const json::value& value) {
    switch (value.kind()) {
    case json::kind::null:
        return amqp::precondition_failed("null_not_allowed");
    case json::kind::bool_:
        return amqp::FieldValue(value.get_bool());
    case json::kind::int64:
        return amqp::FieldValue(std::int64_t{value.get_int64()});
    case json::kind::uint64:
        return amqp::precondition_failed("integer out of range: " + std::to_string(value.get_uint64()));
    case json::kind::double_:
        if (!std::isfinite(value.get_double())) { // 1E999, which the parser takes
            return amqp::precondition_failed("number out of range");
        }
        return amqp::FieldValue(value.get_double());
    case json::kind::string:
        return amqp::FieldValue(std::string_view(value.get_string()));
    case json::kind::object: {
        auto table = field_table(value.get_object());
        return table ? amqp::Result<amqp::FieldValue>(std::move(*table)) : table.error();
    }
    case json::kind::array:
        break;
    }
    amqp::Array array;
    for (const json::value& element : value.get_array()) {
        auto converted = field_value(element);
        if (!converted) {
            return converted.error();
        }
        array.push_back(std::move(*converted));
    }
    return amqp::FieldValue(std::move(array));
}

amqp::Result<amqp::FieldTable> field_table(const json::object& object) {
    amqp::FieldTable table;
    if (object.size() > amqp::max_table_elements) {
        return amqp::precondition_failed("too many elements in a table");
    }
    for (const auto& [key, value] : object) {
        if (key.size() > amqp::ShortString::max_size) {
            return amqp::precondition_failed("a key is longer than 255 octets");
        }
        auto converted = field_value(value);
        if (!converted) {
            return converted.error();
        }
        table.append(key, std::move(*converted));
    }
    return table;
}

amqp::Result<amqp::BasicProperties> basic_properties(const json::object& object) {
    amqp::BasicProperties properties;
    BodyFields fields(object);
    properties.content_type = fields.short_text("content_type");
    properties.content_encoding = fields.short_text("content_encoding");
    properties.delivery_mode = fields.octet("delivery_mode");
    properties.priority = fields.octet("priority");
    properties.correlation_id = fields.short_text("correlation_id");
    properties.reply_to = fields.short_text("reply_to");
    properties.expiration = fields.short_text("expiration");
    properties.message_id = fields.short_text("message_id");
    properties.type = fields.short_text("type");
    properties.user_id = fields.short_text("user_id");
    properties.app_id = fields.short_text("app_id");
    properties.cluster_id = fields.short_text("cluster_id");
    if (const auto timestamp = fields.integer("timestamp")) {
        properties.timestamp = static_cast<std::uint64_t>(*timestamp);
    }
    if (fields.find("headers") != nullptr) {
        properties.headers = fields.table("headers");
    }
    if (fields.error()) {
        return *fields.error();
    }
    return properties;
}

} // namespace broker
