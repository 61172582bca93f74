#include "config/form.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace config {

namespace {

std::string show_number(double value) {
    std::array<char, 32> buffer{};
    const auto [end, error] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
    return {buffer.data(), end};
}

std::string as_is(const std::string& value) {
    return value;
}

std::optional<std::string> not_empty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(std::string(text));
}

// A text for which one word stands for "none of it".
Form<std::string> text_or(std::string_view what, std::string_view word) {
    return {.expected = std::string(what) + " or " + std::string(word),
            .parse = [word](std::string_view text) { return text == word ? std::string() : not_empty(text); },
            .show = [word](const std::string& value) { return value.empty() ? std::string(word) : value; }};
}

} // namespace

Form<bool> boolean() {
    return {.expected = "true or false", .parse = parse_boolean, .show = [](const bool& value) {
                return std::string(value ? "true" : "false");
            }};
}

Form<std::uint32_t> limit(std::uint32_t min) {
    return {.expected = "an integer from " + std::to_string(min) + " to " + std::to_string(Settings::unlimited - 1) +
                        ", or infinity",
            .parse = [min](std::string_view text) -> std::optional<std::uint32_t> {
                if (text == "infinity" || text == "-1")
                    return Settings::unlimited;
                const auto value = parse_integer(text);
                if (!value || *value < min || *value >= Settings::unlimited)
                    return std::nullopt;
                return static_cast<std::uint32_t>(*value);
            },
            .show =
                [](const std::uint32_t& value) {
                    return value == Settings::unlimited ? std::string("infinity") : std::to_string(value);
                }};
}

Form<double> number(double min, double max) {
    return {.expected = "a number from " + show_number(min) + " to " + show_number(max),
            .parse = [min, max](std::string_view text) -> std::optional<double> {
                const auto value = parse_number(text);
                return value && min <= *value && *value <= max ? value : std::nullopt;
            },
            .show = show_number};
}

Form<std::string> text(std::string_view what) {
    return {.expected = std::string(what), .parse = not_empty, .show = as_is};
}

Form<Secret> secret() {
    return {.expected = "a text that is not empty",
            .parse = [](std::string_view text) -> std::optional<Secret> {
                return text.empty() ? std::nullopt : std::optional(Secret(std::string(text)));
            },
            .show = [](const Secret& value) { return value.reveal(); }};
}

Form<std::string> path_or_false() {
    return text_or("a path", "false");
}

Form<std::string> name_or_none() {
    return text_or("a name", "none");
}

Form<std::string> one_of(std::vector<std::string> words) {
    std::string expected = words.size() > 1 ? "one of " : "";
    for (const auto& word : words)
        expected += (&word == &words.front() ? "" : ", ") + word;
    return {.expected = expected,
            .parse = [words](std::string_view text) -> std::optional<std::string> {
                const auto found = std::find(words.begin(), words.end(), text);
                return found == words.end() ? std::nullopt : std::optional(*found);
            },
            .show = as_is};
}

Form<std::string> ip_address() {
    return {.expected = "an IPv4 or IPv6 address",
            .parse = [](std::string_view text) -> std::optional<std::string> {
                return is_ip_address(text) ? std::optional(std::string(text)) : std::nullopt;
            },
            .show = as_is};
}

Form<std::string> network() {
    return {.expected = "an address, or a network as 10.0.0.0/8 or 2001:db8::/32",
            .parse = [](std::string_view text) -> std::optional<std::string> {
                const std::size_t slash = text.find('/');
                const std::string_view address = text.substr(0, slash);
                const std::uint64_t most = address.find(':') == std::string_view::npos ? 32 : 128;
                const auto bits = slash == std::string_view::npos ? most : parse_integer(text.substr(slash + 1));
                return is_ip_address(address) && bits && *bits <= most ? std::optional(std::string(text))
                                                                       : std::nullopt;
            },
            .show = as_is};
}

Form<std::string> absolute_path() {
    constexpr std::size_t most = 107; // what a sockaddr_un takes
    return {.expected = "a path that begins with / and has at most " + std::to_string(most) + " octets",
            .parse = [](std::string_view text) -> std::optional<std::string> {
                return text.starts_with('/') && text.size() <= most ? std::optional(std::string(text)) : std::nullopt;
            },
            .show = as_is};
}

Form<Endpoint> endpoint() {
    return {
        .expected = "PORT or ADDRESS:PORT, the port from 0 to 65535", .parse = parse_endpoint, .show = show_endpoint};
}

Form<std::string> anything() {
    return {.expected = "a text",
            .parse = [](std::string_view text) { return std::optional(std::string(text)); },
            .show = as_is};
}

} // namespace config
