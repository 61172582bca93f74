#include "broker/admin/target.hpp"

#include <algorithm>
#include <cctype>

namespace broker {
namespace {

enum class Plus : bool { literal, space };

std::optional<unsigned> hexadecimal(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    const char lower = static_cast<char>(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? std::optional<unsigned>(lower - 'a' + 10) : std::nullopt;
}

amqp::Result<std::string> decode(std::string_view text, Plus plus) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const auto high = i + 2 < text.size() ? hexadecimal(text[i + 1]) : std::nullopt;
            const auto low = i + 2 < text.size() ? hexadecimal(text[i + 2]) : std::nullopt;
            if (!high || !low) {
                return amqp::precondition_failed("malformed percent-encoding in the request target");
            }
            decoded.push_back(static_cast<char>(*high << 4 | *low));
            i += 2;
        } else {
            decoded.push_back(text[i] == '+' && plus == Plus::space ? ' ' : text[i]);
        }
    }
    return decoded;
}

// The text up to the next separator, taken off the front.
std::string_view take(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

amqp::Result<Query> parse_query(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> entries;
    while (!text.empty()) {
        std::string_view entry = take(text, '&');
        if (entry.empty()) {
            continue;
        }
        auto name = decode(take(entry, '='), Plus::space);
        auto value = decode(entry, Plus::space);
        if (!name || !value) {
            return name ? value.error() : name.error();
        }
        entries.emplace_back(std::move(*name), std::move(*value));
    }
    return Query(std::move(entries));
}

} // namespace

std::optional<std::string_view> Query::find(std::string_view name) const {
    for (const auto& [key, value] : entries_) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::vector<std::string_view> Query::find_all(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const auto& [key, value] : entries_) {
        if (key == name) {
            found.push_back(value);
        }
    }
    return found;
}

amqp::Result<Target> parse_target(std::string_view target) {
    Target parsed;
    std::string_view path = take(target, '?');
    if (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    while (!path.empty()) {
        auto segment = decode(take(path, '/'), Plus::literal);
        if (!segment) {
            return segment.error();
        }
        if (parsed.segments.size() == max_path_segments) {
            return amqp::precondition_failed("too many path segments");
        }
        parsed.segments.push_back(std::move(*segment));
    }
    auto query = parse_query(target.substr(0, target.find('#')));
    if (!query) {
        return query.error();
    }
    parsed.query = std::move(*query);
    return parsed;
}

std::string encode_segment(std::string_view name) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char character : name) {
        const auto octet = static_cast<unsigned char>(character);
        if ((octet < 0x80 && std::isalnum(octet) != 0) ||
            std::string_view("-._~").find(character) != std::string_view::npos) {
            encoded.push_back(character);
        } else {
            encoded.append({'%', digits[octet >> 4], digits[octet & 15]});
        }
    }
    return encoded;
}

} // namespace broker
