// Text in and out of JSON. Names in AMQP are octets, JSON is UTF-8: what is not UTF-8 is shown with replacement
// characters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

bool is_utf8(std::string_view octets);
std::string json_text(std::string_view octets); // always UTF-8

std::string iso_time(std::int64_t ms); // "2024-01-02T03:04:05.678+00:00", of milliseconds since 1970

std::string encode_base64(std::string_view octets);
std::optional<std::string> decode_base64(std::string_view text); // nothing if it is none

} // namespace broker
