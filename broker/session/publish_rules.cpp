#include "broker/session/publish_rules.hpp"

#include "broker/core/reply_consumers.hpp"
#include "protocol/assert.hpp"
#include "protocol/properties.hpp"
#include "protocol/wire_reader.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace broker {

namespace {

// Bits of the flag word [section 1.5]: without these properties there is nothing to look at.
constexpr std::uint16_t looked_at =
    1 << 13 /* headers */ | 1 << 9 /* reply-to */ | 1 << 8 /* expiration */ | 1 << 4 /* user-id */;

constexpr std::size_t max_digits = 18; // more would not fit an integer, and are too many anyway
constexpr std::int64_t max_expiration_ms = 315'360'000'000;

bool nothing_to_check(const amqp::Message& message) {
    amqp::WireReader flags(message.properties());
    return (flags.get<std::uint16_t>() & looked_at) == 0;
}

// RabbitMQ reads an integer and then looks what is left, and says so in Erlang's terms.
amqp::Result<> check_expiration(std::string_view text) {
    const auto invalid = [&](const std::string& reason) {
        return amqp::precondition_failed("invalid expiration '" + std::string(text) + "': " + reason);
    };
    const std::size_t sign = !text.empty() && (text.front() == '-' || text.front() == '+') ? 1 : 0;
    const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
    const auto end = std::find_if_not(text.begin() + sign, text.end(), is_digit);
    const auto digits = text.substr(sign, static_cast<std::size_t>(end - text.begin()) - sign);
    if (digits.empty()) {
        return invalid("{error,no_integer}");
    }
    if (end != text.end()) {
        return invalid("{leftover_string,\"" + std::string(end, text.end()) + "\"}");
    }
    const std::string_view significant = digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
    if (text.front() == '-' && significant != "0") {
        return invalid("{value_negative,-" + std::string(significant) + '}');
    }
    if (significant.size() > max_digits || std::stoll(std::string(significant)) > max_expiration_ms) {
        return invalid("{value_too_large," + std::string(significant) + '}');
    }
    return {};
}

// The two headers with routing keys: an array of long strings; what else is in the array is ignored.
amqp::Result<> collect_keys(const amqp::FieldTable& headers, std::string_view name, ExtraKeys& keys) {
    const amqp::FieldValue* const value = headers.find(name);
    if (value == nullptr) {
        return {};
    }
    const auto* const array = value->get_if<amqp::Array>();
    if (array == nullptr) {
        return amqp::precondition_failed("invalid message: {unacceptable_type_in_header,\"" + std::string(name) +
                                         "\"," + std::string(value->type_name()) + '}');
    }
    for (const amqp::FieldValue& element : *array) {
        if (const std::string* const key = element.as_string()) {
            if (keys == nullptr) {
                keys = std::make_unique<std::vector<std::string>>();
            }
            keys->push_back(*key);
        }
    }
    return {};
}

amqp::MessagePtr without_bcc(const amqp::Message& message) {
    amqp::Result<amqp::BasicProperties> properties = amqp::BasicProperties::decode(message.properties());
    LEVERET_ASSERT(properties && properties->headers);
    properties->headers->erase("BCC");
    return amqp::Message::make(message.exchange(), message.routing_key(), properties->encode(), message.body());
}

// The same message with another reply-to; `old` is the one in its properties. All else stays as it is, octet by octet.
amqp::MessagePtr with_reply_to(const amqp::Message& message, std::string_view old, std::string_view reply_to) {
    const amqp::Bytes properties = message.properties();
    const auto at = static_cast<std::size_t>(old.data() - properties.data());
    std::string changed(properties.substr(0, at - 1)); // without its length
    changed.push_back(static_cast<char>(reply_to.size()));
    changed.append(reply_to).append(properties.substr(at + old.size()));
    return amqp::Message::make(message.exchange(), message.routing_key(), changed, message.body());
}

// Whether a header of that name may be there: names stand behind their length, so most tables need no decoding.
bool may_contain(amqp::EncodedTable headers, std::string_view name_with_length) {
    return headers.bytes.find(name_with_length) != std::string_view::npos;
}

amqp::Result<ExtraKeys> apply_headers(amqp::MessagePtr& message, amqp::EncodedTable encoded) {
    ExtraKeys keys;
    if (!may_contain(encoded, "\2CC") && !may_contain(encoded, "\3BCC")) {
        return keys;
    }
    const amqp::Result<amqp::FieldTable> headers = amqp::FieldTable::decode(encoded);
    if (!headers) {
        return headers.error();
    }
    for (const std::string_view name : {"CC", "BCC"}) {
        const amqp::Result<> collected = collect_keys(*headers, name, keys);
        if (!collected) {
            return collected.error();
        }
    }
    if (headers->contains("BCC")) {
        message = without_bcc(*message);
    }
    return keys;
}

amqp::Result<> check_user_id(std::string_view user_id, const User& user) {
    if (user_id == user.name || user.is_impersonator()) {
        return {};
    }
    return amqp::precondition_failed("user_id property set to '" + std::string(user_id) +
                                     "' but authenticated user was '" + user.name + "'");
}

} // namespace

amqp::Result<ExtraKeys> apply_publish_rules(amqp::MessagePtr& message, const User& user,
                                            std::string_view reply_address) {
    if (nothing_to_check(*message)) [[likely]] {
        return ExtraKeys();
    }
    const amqp::MessagePtr published = message; // the views point into it
    const auto properties = amqp::PropertiesView::decode(published->properties());
    LEVERET_ASSERT(properties.has_value()); // the message could not have been built
    if (properties->reply_to == reply_queue) {
        if (reply_address.empty()) {
            return amqp::precondition_failed("fast reply consumer does not exist");
        }
        message = with_reply_to(*message, *properties->reply_to, reply_address);
    }
    if (properties->expiration) {
        const amqp::Result<> checked = check_expiration(*properties->expiration);
        if (!checked) {
            return checked.error();
        }
    }
    ExtraKeys keys;
    if (properties->headers) {
        amqp::Result<ExtraKeys> applied = apply_headers(message, *properties->headers);
        if (!applied) {
            return applied.error();
        }
        keys = std::move(*applied);
    }
    if (properties->user_id) {
        const amqp::Result<> checked = check_user_id(*properties->user_id, user);
        if (!checked) {
            return checked.error();
        }
    }
    return keys;
}

} // namespace broker
