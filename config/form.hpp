// The forms a value can have: what is expected in words, how it is read, how it is written. Values without state, used
// while the setting table is built; text that is not of the form is nothing, never an exception.
#pragma once

#include "config/value.hpp"

#include <charconv>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace config {

template <class T>
struct Form {
    std::string expected; // "seconds, an integer from 0 to 65535"
    std::function<std::optional<T>(std::string_view)> parse;
    std::function<std::string(const T&)> show;
};

template <class T>
std::string show(const Form<T>& form, const T& value) {
    return form.show(value);
}

template <class T>
std::string show(const Form<T>& form, const std::optional<T>& value) {
    return value ? form.show(*value) : std::string();
}

struct Range {
    std::uint64_t min = 0;
    std::uint64_t max = 0;

    bool holds(std::uint64_t value) const { return min <= value && value <= max; }
};

template <class T>
Form<T> integer(std::string_view unit, Range range) {
    return {.expected = std::string(unit) + (unit.empty() ? "" : ", ") + "an integer from " +
                        std::to_string(range.min) + " to " + std::to_string(range.max),
            .parse = [range](std::string_view text) -> std::optional<T> {
                const auto value = parse_integer(text);
                return value && range.holds(*value) ? std::optional(static_cast<T>(*value)) : std::nullopt;
            },
            .show = [](const T& value) { return std::to_string(value); }};
}

template <class T>
Form<T> size(Range range) {
    return {.expected = "a size from " + show_size(range.min) + " to " + show_size(range.max) +
                        ", in bytes or with a unit as in 64kB or 16MiB",
            .parse = [range](std::string_view text) -> std::optional<T> {
                const auto value = parse_size(text);
                return value && range.holds(*value) ? std::optional(static_cast<T>(*value)) : std::nullopt;
            },
            .show = [](const T& value) { return show_size(value); }};
}

template <class Enum, std::size_t Count>
Form<Enum> choice(const Names<Enum, Count>& names) {
    std::string expected;
    for (const auto& [name, value] : names)
        expected += (expected.empty() ? "one of " : ", ") + std::string(name);
    return {.expected = expected,
            .parse = [names](std::string_view text) -> std::optional<Enum> {
                for (const auto& [name, value] : names)
                    if (name == text)
                        return value;
                return std::nullopt;
            },
            .show =
                [names](const Enum& wanted) {
                    for (const auto& [name, value] : names)
                        if (value == wanted)
                            return std::string(name);
                    return std::string();
                }};
}

Form<bool> boolean();
Form<std::uint32_t> limit(std::uint32_t min); // a number, or "infinity" or -1: Settings::unlimited
Form<double> number(double min, double max);
Form<std::string> text(std::string_view what);
Form<Secret> secret();
Form<std::string> path_or_false(); // "false": the empty text
Form<std::string> name_or_none();  // "none": the empty text
Form<std::string> one_of(std::vector<std::string> words);
Form<std::string> ip_address();
Form<std::string> network(); // of addresses
Form<std::string> absolute_path();
Form<Endpoint> endpoint();
Form<std::string> anything();

} // namespace config
