#include "broker/core/way_back.hpp"

#include "protocol/properties.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace broker {
namespace {

constexpr std::array<std::string_view, 7> story{
    "x-death",
    "x-first-death-exchange",
    "x-first-death-queue",
    "x-first-death-reason",
    "x-last-death-exchange",
    "x-last-death-queue",
    "x-last-death-reason",
};

std::string text_in(const amqp::FieldTable& table, std::string_view key) {
    const amqp::FieldValue* value = table.find(key);
    const std::string* text = value == nullptr ? nullptr : value->as_string();
    return text == nullptr ? std::string() : text->substr(0, amqp::ShortString::max_size);
}

std::string first_key(const amqp::FieldTable& death) {
    const amqp::FieldValue* value = death.find("routing-keys");
    const auto* keys = value == nullptr ? nullptr : value->get_if<amqp::Array>();
    const std::string* key = keys == nullptr || keys->empty() ? nullptr : keys->front().as_string();
    return key == nullptr ? std::string() : key->substr(0, amqp::ShortString::max_size);
}

} // namespace

std::optional<WayBack> way_back(const amqp::Message& message) {
    auto properties = amqp::BasicProperties::decode(message.properties());
    if (message.deaths() == 0 || !properties || !properties->headers) {
        return std::nullopt;
    }
    const amqp::FieldValue* value = properties->headers->find("x-death");
    const auto* history = value == nullptr ? nullptr : value->get_if<amqp::Array>();
    const auto* last = history == nullptr || history->empty() ? nullptr : history->front().get_if<amqp::FieldTable>();
    if (last == nullptr) {
        return std::nullopt;
    }
    const std::string queue = text_in(*last, "queue"), exchange = text_in(*last, "exchange"), key = first_key(*last);
    for (const std::string_view header : story) {
        properties->headers->erase(header);
    }
    if (properties->headers->empty()) {
        properties->headers.reset();
    }
    return WayBack{queue, amqp::Message::make(exchange, key, properties->encode(), message.body())};
}

} // namespace broker
