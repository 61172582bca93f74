// rabbitmq.conf's syntax: one `key = value` a line, `#` begins a comment, a value with a `#` in it stands in quotes.
// Knows nothing about which keys there are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace config {

// A key that was given a value, and where.
struct Assignment {
    enum class Source { file, environment, option };

    std::string key;
    std::string value;
    Source source = Source::option;
    std::string place; // "rabbitmq.conf:12"; the name of an environment variable; empty for an option
};

// Throws Error with name and line at the first line that is not of that syntax.
std::vector<Assignment> parse_config(std::string_view text, const std::string& file_name);

// Throws Error when the file cannot be read.
std::vector<Assignment> read_config_file(const std::string& path);

// "heartbeat=60" of --set. Throws Error without a "=".
Assignment parse_option(std::string_view text);

} // namespace config
