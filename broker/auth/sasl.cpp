#include "broker/auth/sasl.hpp"

#include "protocol/field_table.hpp"

#include <utility>

namespace broker {

namespace {

constexpr std::size_t max_logged_size = 64;

amqp::Error malformed(std::string_view mechanism) {
    return amqp::syntax_error(std::string(mechanism) + " response is invalid");
}

const std::string* text_of(const amqp::FieldTable& table, std::string_view key) {
    const amqp::FieldValue* value = table.find(key);
    if (value == nullptr) {
        return nullptr;
    }
    if (const auto* bytes = value->get_if<amqp::ByteArray>()) {
        return &bytes->bytes;
    }
    return value->as_string();
}

} // namespace

amqp::Result<Credentials> parse_plain(std::string_view response) {
    if (response.size() > max_sasl_response_size || !response.starts_with('\0')) {
        return malformed("PLAIN");
    }
    response.remove_prefix(1);
    const std::size_t separator = response.find('\0');
    if (separator == std::string_view::npos || response.find('\0', separator + 1) != std::string_view::npos) {
        return malformed("PLAIN");
    }
    return Credentials{std::string(response.substr(0, separator)), std::string(response.substr(separator + 1))};
}

amqp::Result<Credentials> parse_amqplain(std::string_view response) {
    if (response.size() > max_sasl_response_size) {
        return malformed("AMQPLAIN");
    }
    const auto table = amqp::FieldTable::decode(amqp::EncodedTable{response});
    if (!table) {
        return malformed("AMQPLAIN");
    }
    const std::string* login = text_of(*table, "LOGIN");
    const std::string* password = text_of(*table, "PASSWORD");
    if (login == nullptr || password == nullptr) {
        return amqp::syntax_error("AMQPLAIN auth info is missing LOGIN or PASSWORD field");
    }
    return Credentials{*login, *password};
}

amqp::Result<Credentials> parse_sasl_response(std::string_view mechanism, std::string_view response) {
    if (mechanism == "PLAIN") {
        return parse_plain(response);
    }
    if (mechanism == "AMQPLAIN") {
        return parse_amqplain(response);
    }
    return unknown_mechanism(mechanism);
}

amqp::Error unknown_mechanism(std::string_view mechanism) {
    return amqp::command_invalid("unknown authentication mechanism '" +
                                 std::string(mechanism.substr(0, max_logged_size)) + "'");
}

} // namespace broker
