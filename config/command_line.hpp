// The start of the program: command line, configuration file and environment become Settings, or a text to print.
// What wins: --set and --data-dir over the environment over the file over the defaults.
#pragma once

#include "config/environment.hpp"
#include "config/settings.hpp"

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace config {

// Go on with these settings; the warnings are for the log, one line each.
struct Start {
    Settings settings;
    std::vector<std::string> warnings;
    std::map<std::string, std::string> assigned; // what was given, key to value
};

// Print the text (to standard output when the code is 0, else to standard error) and end with this code.
struct Exit {
    std::string text;
    int code = 0;
};

std::variant<Start, Exit> parse_command_line(int argc, const char* const* argv,
                                             const Environment& environment = process_environment());

} // namespace config
