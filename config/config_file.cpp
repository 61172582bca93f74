#include "config/config_file.hpp"

#include "config/error.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace config {

namespace {

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view without_comment(std::string_view text) {
    return trim(text.substr(0, text.find('#')));
}

std::string parse_value(std::string_view text, const std::string& place) {
    text = trim(text);
    if (text.empty() || (text.front() != '\'' && text.front() != '"'))
        return std::string(without_comment(text));
    const auto end = text.find(text.front(), 1);
    if (end == std::string_view::npos)
        throw Error(place + ": the quote is not closed");
    if (!without_comment(text.substr(end + 1)).empty())
        throw Error(place + ": there is something after the closing quote");
    return std::string(text.substr(1, end - 1));
}

} // namespace

std::vector<Assignment> parse_config(std::string_view text, const std::string& file_name) {
    std::vector<Assignment> assignments;
    for (std::size_t line_number = 1; !text.empty(); ++line_number) {
        const auto end = text.find('\n');
        const std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty() || line.front() == '#')
            continue;
        const std::string place = file_name + ":" + std::to_string(line_number);
        const auto equals = line.find('=');
        if (equals == std::string_view::npos || trim(line.substr(0, equals)).empty())
            throw Error(place + ": expected a line of the form 'key = value'");
        assignments.push_back({.key = std::string(trim(line.substr(0, equals))),
                               .value = parse_value(line.substr(equals + 1), place),
                               .source = Assignment::Source::file,
                               .place = place});
    }
    return assignments;
}

std::vector<Assignment> read_config_file(const std::string& path) {
    if (std::filesystem::is_directory(path))
        throw Error(path + ": is a directory, expected a file");
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw Error(path + ": cannot be read: " + std::strerror(errno));
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return parse_config(text, path);
}

Assignment parse_option(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0)
        throw Error("--set " + std::string(text) + ": expected key=value");
    return {.key = std::string(trim(text.substr(0, equals))),
            .value = std::string(trim(text.substr(equals + 1))),
            .source = Assignment::Source::option,
            .place = {}};
}

} // namespace config
