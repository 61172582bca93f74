// The words behind `leveretctl`, taken apart by CLI11 as the table of commands and the global options say. Nothing is
// asked or opened here.
#pragma once

#include "cli/address.hpp"
#include "cli/call.hpp"
#include "cli/formatter.hpp"

#include <optional>

namespace cli {

struct CommandLine {
    const Command* command = nullptr; // null: only options were given
    Call::Values values;              // of the command's arguments and options
    std::vector<std::string> words;   // of its repeated argument
    Settings settings;                // global options that say where, who and in which virtual host
    std::string profile;
    std::optional<long> timeout; // seconds
    Formatter formatter = Formatter::table;
    bool quiet = false;
    bool with_names = true;
    bool help = false;
};

// Throws Failure when the words fit no command.
CommandLine parse_command_line(int argc, const char* const* argv);

} // namespace cli
