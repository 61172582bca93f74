// Octets in tests: written and shown as hexadecimal digits.
#pragma once

#include <string>
#include <string_view>

// "01 ff" to two octets. Text between apostrophes stands for itself: "04 'text'".
inline std::string octets(std::string_view notation) {
    std::string result;
    std::string digits;
    bool quoted = false;
    for (const char c : notation) {
        if (c == '\'') {
            quoted = !quoted;
        } else if (quoted) {
            result += c;
        } else if (c != ' ') {
            digits += c;
            if (digits.size() == 2) {
                result += static_cast<char>(std::stoi(digits, nullptr, 16));
                digits.clear();
            }
        }
    }
    return result;
}

inline std::string hexadecimal(std::string_view bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (const char c : bytes) {
        const auto octet = static_cast<unsigned char>(c);
        result += result.empty() ? "" : " ";
        result += digits[octet >> 4];
        result += digits[octet & 0xF];
    }
    return result;
}
