#include "broker/text/printable.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace broker {
namespace {

struct CodePoint {
    char32_t value = 0;
    std::size_t size = 0; // octets; 0: not UTF-8
};

constexpr bool is_continuation(char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0) == 0x80;
}

// The first one of a text that is not empty.
CodePoint decode_utf8(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) {
        return {first, 1};
    }
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size ||
        !std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(size), is_continuation)) {
        return {};
    }
    char32_t value = first & (0x7fU >> size);
    for (const char octet : text.substr(1, size - 1)) {
        value = value << 6 | (static_cast<unsigned char>(octet) & 0x3fU);
    }
    constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = 0xd800 <= value && value <= 0xdfff;
    return value < smallest[size] || value > 0x10ffff || surrogate ? CodePoint{} : CodePoint{value, size};
}

constexpr bool is_harmless(char32_t value) {
    const auto within = [value](char32_t first, char32_t last) { return first <= value && value <= last; };
    return !(value < 0x20 || within(0x7f, 0x9f) || value == 0x61c || within(0x200e, 0x200f) || within(0x2028, 0x202e) ||
             within(0x2066, 0x2069) || value == 0xfeff);
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
        out += "0123456789abcdef"[value >> shift & 0xf];
    }
}

void append_escaped(std::string& out, CodePoint code_point, char octet) {
    if (code_point.size > 1) {
        out += "\\u";
        append_hex(out, code_point.value, 4);
        return;
    }
    switch (octet) {
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\t':
        out += "\\t";
        return;
    default:
        out += "\\x";
        append_hex(out, static_cast<unsigned char>(octet), 2);
    }
}

} // namespace

void append_printable(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const CodePoint code_point = decode_utf8(text);
        const std::size_t size = std::max<std::size_t>(code_point.size, 1);
        if (code_point.size > 0 && is_harmless(code_point.value)) {
            out.append(text.substr(0, size));
        } else {
            append_escaped(out, code_point, text.front());
        }
        text.remove_prefix(size);
    }
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_printable(out, text);
    return out;
}

} // namespace broker
