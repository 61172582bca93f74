// The properties of a basic message [spec basic]. The broker hands them on byte for byte as they came: what it needs
// itself it reads through PropertiesView; BasicProperties is for building and changing them.
#pragma once

#include "protocol/error.hpp"
#include "protocol/field_table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amqp {

// Views into the encoded property list: flag words, then the present properties in order.
struct PropertiesView {
    std::optional<std::string_view> content_type = {};
    std::optional<std::string_view> content_encoding = {};
    std::optional<EncodedTable> headers = {};
    std::optional<std::uint8_t> delivery_mode = {};
    std::optional<std::uint8_t> priority = {};
    std::optional<std::string_view> correlation_id = {};
    std::optional<std::string_view> reply_to = {};
    std::optional<std::string_view> expiration = {};
    std::optional<std::string_view> message_id = {};
    std::optional<std::uint64_t> timestamp = {};
    std::optional<std::string_view> type = {};
    std::optional<std::string_view> user_id = {};
    std::optional<std::string_view> app_id = {};
    std::optional<std::string_view> cluster_id = {};

    // `encoded` must be used up exactly. The views point into it.
    static Result<PropertiesView> decode(Bytes encoded);
};

struct BasicProperties {
    std::optional<std::string> content_type = {};
    std::optional<std::string> content_encoding = {};
    std::optional<FieldTable> headers = {};
    std::optional<std::uint8_t> delivery_mode = {}; // 2 is persistent
    std::optional<std::uint8_t> priority = {};
    std::optional<std::string> correlation_id = {};
    std::optional<std::string> reply_to = {};
    std::optional<std::string> expiration = {};
    std::optional<std::string> message_id = {};
    std::optional<std::uint64_t> timestamp = {};
    std::optional<std::string> type = {};
    std::optional<std::string> user_id = {};
    std::optional<std::string> app_id = {};
    std::optional<std::string> cluster_id = {};

    static Result<BasicProperties> decode(Bytes encoded);
    std::string encode() const;
    bool operator==(const BasicProperties&) const = default;
};

} // namespace amqp
