#include "protocol/method_text.hpp"

#include <array>

namespace amqp::detail {

namespace {

constexpr std::size_t max_value_size = 128;
constexpr std::array<std::string_view, 2> secret_fields{"response", "new_secret"};

bool is_control(unsigned char c) {
    return c < 0x20 || c == 0x7F;
}

// A log line stays one line whatever a peer sends.
void append_escaped(std::string& out, std::string_view value) {
    static constexpr std::string_view hexadecimal = "0123456789abcdef";
    for (const char c : value.substr(0, max_value_size)) {
        const auto octet = static_cast<unsigned char>(c);
        if (is_control(octet)) {
            out += "\\x";
            out += hexadecimal[octet >> 4];
            out += hexadecimal[octet & 0xF];
        } else {
            out += c;
        }
    }
    if (value.size() > max_value_size) {
        out += "...";
    }
}

} // namespace

MethodText::MethodText(std::string_view method) : text_(method) {
    text_ += '{';
}

std::string& MethodText::begin(std::string_view field) {
    text_.append(separator_).append(field).append("=");
    separator_ = ", ";
    return text_;
}

void MethodText::add(std::string_view field, bool value) {
    if (value && !field.starts_with("reserved_")) {
        begin(field) += "true";
    }
}

void MethodText::add(std::string_view field, std::uint64_t value) {
    if (!field.starts_with("reserved_")) {
        begin(field) += std::to_string(value);
    }
}

void MethodText::add(std::string_view field, std::string_view value) {
    if (value.empty() || field.starts_with("reserved_")) {
        return;
    }
    std::string& out = begin(field);
    if (std::ranges::find(secret_fields, field) != secret_fields.end()) {
        out += "***";
    } else {
        append_escaped(out, value);
    }
}

void MethodText::add(std::string_view field, EncodedTable value) {
    if (value.bytes.empty()) {
        return;
    }
    const Result<FieldTable> table = FieldTable::decode(value);
    append_escaped(begin(field), table ? FieldValue(*table).to_text() : "malformed");
}

std::string MethodText::finish() && {
    text_ += '}';
    return std::move(text_);
}

} // namespace amqp::detail
