#include "broker/admin/message_filter.hpp"

#include "broker/admin/body.hpp"
#include "broker/core/message_content.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cstring>

namespace broker {
namespace {

namespace json = boost::json;

// In linear time, whatever the texts are.
bool contains(std::string_view text, std::string_view part) {
    return part.empty() || ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

} // namespace

void MessageFilter::add_header(std::string_view text) {
    if (text.empty()) {
        return; // as an empty key or body: nothing is asked for
    }
    const std::size_t colon = text.find(':');
    Header header{std::string(text.substr(0, colon)), std::nullopt};
    if (colon != std::string_view::npos) {
        header.value = text.substr(colon + 1);
    }
    headers_.push_back(std::move(header));
}

amqp::Result<> MessageFilter::check() const {
    const auto too_long = [](const Header& header) {
        return header.name.size() > max_text || header.value.value_or("").size() > max_text;
    };
    if (headers_.size() > max_headers || key_.size() > max_text || body_.size() > max_text ||
        std::ranges::any_of(headers_, too_long)) {
        return amqp::precondition_failed("header, key and body to look for: at most 1024 octets each, 16 headers");
    }
    return {};
}

amqp::Result<MessageFilter> MessageFilter::of(const Query& query) {
    MessageFilter filter;
    for (const std::string_view header : query.find_all("header")) {
        filter.add_header(header);
    }
    filter.key_ = query.find("key").value_or("");
    filter.body_ = query.find("body").value_or("");
    const auto fine = filter.check();
    return fine ? amqp::Result<MessageFilter>(std::move(filter)) : fine.error();
}

amqp::Result<MessageFilter> MessageFilter::of(const json::object& match) {
    MessageFilter filter;
    BodyFields fields(match);
    const json::value* header = fields.find("header");
    if (header != nullptr && header->is_array()) {
        for (const json::value& each : header->get_array()) {
            if (!each.is_string()) {
                return amqp::precondition_failed("the value of 'header' is not an array of strings");
            }
            filter.add_header(each.get_string());
        }
    } else if (const auto one = fields.text("header")) {
        filter.add_header(*one);
    }
    filter.key_ = fields.text("key").value_or("");
    filter.body_ = fields.text("body").value_or("");
    if (fields.error()) {
        return *fields.error();
    }
    for (const auto& [name, value] : match) {
        if (name != "header" && name != "key" && name != "body") {
            return amqp::precondition_failed("unknown field '" + std::string(name) + "' in 'match'");
        }
    }
    const auto fine = filter.check();
    return fine ? amqp::Result<MessageFilter>(std::move(filter)) : fine.error();
}

bool MessageFilter::matches(const amqp::Message& message) const {
    if (!contains(message.routing_key(), key_)) {
        return false;
    }
    if (!headers_.empty()) {
        MessageContent content(message);
        const bool all = std::ranges::all_of(headers_, [&](const Header& wanted) {
            const amqp::FieldValue* value = content.header(wanted.name);
            return value != nullptr && (!wanted.value || value->to_text() == *wanted.value);
        });
        if (!all) {
            return false;
        }
    }
    return contains(message.body(), body_);
}

} // namespace broker
