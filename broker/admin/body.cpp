#include "broker/admin/body.hpp"

#include "broker/admin/field_json.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

namespace broker {
namespace {

namespace json = boost::json;

std::string_view trim(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
    return text.substr(0, text.find_last_not_of(blank) + 1);
}

std::string not_a(std::string_view type, std::string_view name) {
    return "the value of '" + std::string(name) + "' is not " + std::string(type);
}

} // namespace

amqp::Result<json::object> decode_body(std::string_view body) {
    body = trim(body);
    if (body.empty() || body == "null" || body == "undefined") {
        return json::object();
    }
    json::error_code error;
    json::value value = json::parse(body, error);
    if (error) {
        return amqp::precondition_failed("not_json");
    }
    if (value.is_string()) {
        return amqp::precondition_failed(
            "invalid payload: the request body JSON-decoded to a string. Is the input doubly-JSON-encoded?");
    }
    if (!value.is_object()) {
        return amqp::precondition_failed("not_json");
    }
    return std::move(value.get_object());
}

void BodyFields::fail(std::string text) {
    if (!error_) {
        error_ = amqp::precondition_failed(std::move(text));
    }
}

const json::value* BodyFields::find(std::string_view name) const {
    const json::value* value = body_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

void BodyFields::require(std::initializer_list<std::string_view> names) {
    std::string missing;
    for (const std::string_view name : names) {
        if (!body_.contains(name)) {
            missing.append(missing.empty() ? "" : ",").append("{key_missing,").append(name).append("}");
        }
    }
    if (!missing.empty()) {
        fail("[" + missing + "]");
    }
}

std::optional<std::string> BodyFields::text(std::string_view name) {
    const json::value* value = find(name);
    if (value != nullptr && value->is_string()) {
        return std::string(value->get_string());
    }
    if (value != nullptr) {
        fail(not_a("a string", name));
    }
    return std::nullopt;
}

std::optional<std::string> BodyFields::short_text(std::string_view name) {
    auto value = text(name);
    if (value && value->size() > amqp::ShortString::max_size) {
        fail(not_a("short enough: 255 octets", name));
    }
    return value;
}

std::optional<std::int64_t> BodyFields::integer(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (value->is_int64()) {
        return value->get_int64();
    }
    if (value->is_string()) {
        const std::string_view digits = value->get_string();
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error == std::errc() && end == digits.data() + digits.size()) {
            return number;
        }
    }
    fail(not_a("an integer", name));
    return std::nullopt;
}

std::optional<std::uint8_t> BodyFields::octet(std::string_view name) {
    const auto number = integer(name);
    if (!number) {
        return std::nullopt;
    }
    if (*number < 0 || *number > 255) {
        fail(not_a("between 0 and 255", name));
    }
    return static_cast<std::uint8_t>(*number);
}

bool BodyFields::boolean(std::string_view name, bool otherwise) {
    const json::value* value = find(name);
    if (value == nullptr) {
        return otherwise;
    }
    if (value->is_bool()) {
        return value->get_bool();
    }
    const bool is_true = value->is_string() && value->get_string() == "true";
    if (!is_true && !(value->is_string() && value->get_string() == "false")) {
        fail(not_a("a boolean", name));
    }
    return is_true;
}

amqp::FieldTable BodyFields::table(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr || (value->is_array() && value->get_array().empty())) {
        return {};
    }
    if (!value->is_object()) {
        fail(not_a("an object", name));
        return {};
    }
    auto converted = field_table(value->get_object());
    if (!converted) {
        fail(converted.error().text);
        return {};
    }
    return std::move(*converted);
}

} // namespace broker
