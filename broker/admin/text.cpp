#include "broker/admin/text.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <chrono>
#include <cstdint>

namespace broker {
namespace {

// How many octets the character at the front of `octets` has; 0 if it is none.
std::size_t utf8_size(std::string_view octets) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(octets[i]); };
    const std::uint8_t first = at(0);
    if (first < 0x80) {
        return 1;
    }
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || octets.size() < size) {
        return 0;
    }
    for (std::size_t i = 1; i < size; ++i) {
        if ((at(i) & 0xC0) != 0x80) {
            return 0;
        }
    }
    // Longer than need be, surrogates, beyond U+10FFFF.
    const bool valid = !(first == 0xE0 && at(1) < 0xA0) && !(first == 0xED && at(1) > 0x9F) &&
                       !(first == 0xF0 && at(1) < 0x90) && !(first == 0xF4 && at(1) > 0x8F);
    return valid ? size : 0;
}

} // namespace

bool is_utf8(std::string_view octets) {
    while (!octets.empty()) {
        const std::size_t size = utf8_size(octets);
        if (size == 0) {
            return false;
        }
        octets.remove_prefix(size);
    }
    return true;
}

std::string json_text(std::string_view octets) {
    std::string text;
    text.reserve(octets.size());
    while (!octets.empty()) {
        const std::size_t size = utf8_size(octets);
        if (size == 0) {
            text.append("\xEF\xBF\xBD");
            octets.remove_prefix(1);
        } else {
            text.append(octets.substr(0, size));
            octets.remove_prefix(size);
        }
    }
    return text;
}

std::string iso_time(std::int64_t ms) {
    const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}+00:00", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::string encode_base64(std::string_view octets) {
    std::string text(4 * ((octets.size() + 2) / 3) + 1, '\0'); // OpenSSL ends it with a NUL
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(octets.data()), static_cast<int>(octets.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.empty()) {
        return std::string();
    }
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    if (text.size() % 4 != 0 || text.substr(0, text.size() - padding).find('=') != std::string_view::npos) {
        return std::nullopt;
    }
    std::string octets(text.size() / 4 * 3, '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) {
        return std::nullopt;
    }
    octets.resize(static_cast<std::size_t>(size) - padding);
    return octets;
}

} // namespace broker
