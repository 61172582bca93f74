// The arguments of a command, read from the line that help shows, so that help, parser, completion and manual agree:
// `<name>`, `[<name>]`, `[<name> ...]`, `[--flag]`, `[--flag|-f]`, `[--option <name>]`, `[--option <name> ...]`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cli {

struct Positional {
    std::string name;
    bool required = true;
    bool repeated = false;
};

struct Option {
    std::string name;  // without dashes, with underscores: the name of its value
    std::string flags; // as CLI11 wants them: "-e,--if-empty"
    bool has_value = false;
    bool repeated = false;
};

struct Usage {
    std::vector<Positional> positionals;
    std::vector<Option> options;

    std::size_t least() const;
    bool unlimited() const;
};

Usage parse_usage(std::string_view text);

} // namespace cli
