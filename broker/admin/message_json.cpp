#include "broker/admin/message_json.hpp"

#include "broker/admin/field_json.hpp"
#include "broker/admin/text.hpp"

namespace broker {

boost::json::object message_json(const amqp::Message& message, bool redelivered, std::uint64_t messages_left,
                                 const PayloadForm& form) {
    namespace json = boost::json;
    const std::string_view shown = message.body().substr(0, form.truncate);
    const bool as_text = !form.base64 && is_utf8(shown);
    const auto properties = amqp::BasicProperties::decode(message.properties());
    return {{"payload_bytes", message.body_size()},
            {"redelivered", redelivered},
            {"exchange", json_text(message.exchange())},
            {"routing_key", json_text(message.routing_key())},
            {"message_count", messages_left},
            {"properties", properties ? to_json(*properties) : json::object()},
            {"payload", as_text ? json::value(shown) : json::value(encode_base64(shown))},
            {"payload_encoding", as_text ? "string" : "base64"}};
}

} // namespace broker
