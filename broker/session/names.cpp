#include "broker/session/names.hpp"

#include "broker/core/reply_consumers.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace broker {

namespace {

constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void append_random(std::string& name, RandomSource& random) {
    std::array<std::byte, 16> octets;
    random.fill(octets);
    std::uint32_t bits = 0;
    int bit_count = 0;
    for (const std::byte octet : octets) {
        bits = bits << 8 | std::to_integer<std::uint32_t>(octet);
        for (bit_count += 8; bit_count >= 6; bit_count -= 6) {
            name.push_back(base64url[bits >> (bit_count - 6) & 63]);
        }
    }
    name.push_back(base64url[bits << (6 - bit_count) & 63]); // 128 bits leave two for the last character
}

} // namespace

std::string make_name(std::string_view prefix, RandomSource& random) {
    std::string name(prefix);
    name.push_back('-');
    append_random(name, random);
    return name;
}

std::string make_reply_address(RandomSource& random) {
    std::string address(reply_queue);
    for (int part = 0; part < 2; ++part) {
        address.push_back('.');
        append_random(address, random);
    }
    return address;
}

std::string clean_name(std::string_view name) {
    std::string clean(name);
    std::erase_if(clean, [](char c) { return c == '\r' || c == '\n'; });
    return clean;
}

} // namespace broker
