#include "cli/usage.hpp"

#include <algorithm>

namespace cli {
namespace {

std::string between(std::string_view text, char open, char close) {
    const std::size_t from = text.find(open) + 1;
    return std::string(text.substr(from, text.find(close, from) - from));
}

Option parse_option(std::string_view text) {
    Option option;
    const std::string names(text.substr(0, text.find(' ')));
    const std::size_t bar = names.find('|');
    const std::string full = names.substr(0, bar);
    option.flags = bar == std::string::npos ? full : names.substr(bar + 1) + "," + full;
    option.name = full.substr(2);
    std::ranges::replace(option.name, '-', '_');
    option.has_value = text.find('<') != std::string_view::npos;
    option.repeated = text.ends_with("...");
    return option;
}

// Up to the bracket that closes the one it begins with, or the `>` of a bare argument.
std::string_view take_part(std::string_view& text) {
    const char close = text.front() == '[' ? ']' : '>';
    const std::string_view part = text.substr(0, text.find(close) + 1);
    text.remove_prefix(part.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return part;
}

} // namespace

Usage parse_usage(std::string_view text) {
    Usage usage;
    while (!text.empty()) {
        std::string_view part = take_part(text);
        const bool optional = part.starts_with('[');
        if (optional) {
            part = part.substr(1, part.size() - 2);
        }
        if (part.starts_with("--")) {
            usage.options.push_back(parse_option(part));
        } else {
            usage.positionals.push_back({between(part, '<', '>'), !optional, part.ends_with("...")});
        }
    }
    return usage;
}

std::size_t Usage::least() const {
    return std::ranges::count_if(positionals, &Positional::required);
}

bool Usage::unlimited() const {
    return std::ranges::any_of(positionals, &Positional::repeated);
}

} // namespace cli
