#include "config/value.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

namespace config {

namespace {

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

constexpr std::string_view unit_letters = "kmgtp";

// "" -> 1, "k" and "kb" -> 1000, "ki" and "kib" -> 1024, and so on.
std::optional<std::uint64_t> unit_factor(std::string_view unit) {
    if (unit.empty() || unit == "b")
        return 1;
    const auto power = unit_letters.find(unit.front());
    if (power == std::string_view::npos)
        return std::nullopt;
    unit.remove_prefix(1);
    const bool binary = unit == "i" || unit == "ib";
    if (!binary && !unit.empty() && unit != "b")
        return std::nullopt;
    std::uint64_t factor = 1;
    for (std::size_t i = 0; i <= power; ++i)
        factor *= binary ? 1024 : 1000;
    return factor;
}

} // namespace

std::optional<std::uint64_t> parse_integer(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<double> parse_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
    if (text == "true" || text == "on")
        return true;
    if (text == "false" || text == "off")
        return false;
    return std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_integer(text.substr(0, digits));
    const auto factor = unit_factor(lower_case(text.substr(digits)));
    if (!number || !factor || *number > std::numeric_limits<std::uint64_t>::max() / *factor)
        return std::nullopt;
    return *number * *factor;
}

std::string show_size(std::uint64_t bytes) {
    for (const std::string_view unit : {"GiB", "GB", "MiB", "MB", "KiB", "kB"}) {
        const std::uint64_t factor = *unit_factor(lower_case(unit));
        if (bytes != 0 && bytes % factor == 0)
            return std::to_string(bytes / factor) + std::string(unit);
    }
    return std::to_string(bytes);
}

bool is_ip_address(std::string_view text) {
    const std::string address(text);
    in6_addr octets{};
    return ::inet_pton(AF_INET, address.c_str(), &octets) == 1 || ::inet_pton(AF_INET6, address.c_str(), &octets) == 1;
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
    Endpoint endpoint;
    if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
        std::string_view address = text.substr(0, colon);
        if (address.size() > 2 && address.front() == '[' && address.back() == ']')
            address = address.substr(1, address.size() - 2);
        if (!is_ip_address(address))
            return std::nullopt;
        endpoint.address = address;
        text.remove_prefix(colon + 1);
    }
    const auto port = parse_integer(text);
    if (!port || *port > std::numeric_limits<std::uint16_t>::max())
        return std::nullopt;
    endpoint.port = static_cast<std::uint16_t>(*port);
    return endpoint;
}

std::string show_endpoint(const Endpoint& endpoint) {
    const bool v6 = endpoint.address.find(':') != std::string::npos;
    return (v6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" + std::to_string(endpoint.port);
}

} // namespace config
