#include "broker/core/delay.hpp"

#include "broker/core/message_content.hpp"
#include "protocol/properties.hpp"

#include <fmt/format.h>

#include <charconv>
#include <concepts>
#include <limits>
#include <utility>

namespace broker {
namespace {

constexpr std::string_view keys_header = "x-leveret-routing-keys";

amqp::Error too_long(const amqp::FieldValue& value) {
    return amqp::precondition_failed(
        fmt::format("invalid x-delay '{}': must not exceed {} ms (ten years)", value.to_text(), max_delay_ms));
}

// Of the same type as it came if that has negative numbers.
amqp::FieldValue negated(const amqp::FieldValue& value, std::int64_t ms) {
    return std::visit(
        [&]<class T>(const T&) -> amqp::FieldValue {
            if constexpr (std::signed_integral<T>) {
                return static_cast<T>(-ms);
            } else if constexpr (std::same_as<T, std::string>) {
                return ms <= std::numeric_limits<std::int32_t>::max() ? amqp::FieldValue(static_cast<std::int32_t>(-ms))
                                                                      : amqp::FieldValue(-ms);
            } else {
                return -ms;
            }
        },
        value.variant());
}

} // namespace

amqp::Result<std::optional<Delay>> delay_of(const amqp::FieldValue* header) {
    constexpr std::optional<Delay> at_once;
    if (header == nullptr) {
        return at_once;
    }
    std::optional<std::int64_t> ms = header->as_integer();
    if (const std::string* text = header->as_string()) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
        if (text->empty() || end != text->data() + text->size() || error == std::errc::invalid_argument) {
            return at_once;
        }
        if (error == std::errc::result_out_of_range && text->front() != '-') {
            return too_long(*header);
        }
        ms = error == std::errc() ? number : 0;
    }
    if (!ms || *ms <= 0) {
        return at_once;
    }
    if (*ms > max_delay_ms) {
        return too_long(*header);
    }
    return std::optional<Delay>(Delay{*ms, negated(*header, *ms)});
}

amqp::MessagePtr waiting_message(const amqp::Message& message, const Delay& delay,
                                 const std::vector<std::string>* extra_keys) {
    auto properties = *amqp::BasicProperties::decode(message.properties()); // well formed, or no message
    properties.headers->set(delay_header, delay.negated);
    properties.headers->erase(keys_header);
    if (extra_keys != nullptr) {
        properties.headers->append(keys_header, amqp::Array(extra_keys->begin(), extra_keys->end()));
    }
    return amqp::Message::make(message.exchange(), message.routing_key(), properties.encode(), message.body());
}

Waited after_waiting(amqp::MessagePtr message) {
    MessageContent content(*message);
    const amqp::FieldValue* keys = content.header(keys_header);
    if (keys == nullptr) {
        return {std::move(message), {}};
    }
    Waited waited;
    if (const auto* array = keys->get_if<amqp::Array>()) {
        for (const amqp::FieldValue& key : *array) {
            if (const std::string* text = key.as_string()) {
                waited.extra_keys.push_back(*text);
            }
        }
    }
    auto properties = *amqp::BasicProperties::decode(message->properties());
    properties.headers->erase(keys_header);
    waited.message =
        amqp::Message::make(message->exchange(), message->routing_key(), properties.encode(), message->body());
    return waited;
}

} // namespace broker
