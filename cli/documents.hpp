// What leveretctl says of itself, all made of the table of commands: help, manual page, completion for shells.
#pragma once

#include "cli/command.hpp"

namespace cli {

// An option that every command has; the table of them is in documents.cpp and makes the parser, too.
struct GlobalOption {
    std::string_view name;  // as in Usage: the name of its value
    std::string_view flags; // "-p,--vhost"
    std::string_view value; // what help calls its value; empty for a flag
    std::string_view description;
};
std::span<const GlobalOption> global_options();

std::string overview_of_commands();
std::string help_of(const Command& command);
std::string manual_page();
// Throws Failure for a shell that is not bash, zsh or fish.
std::string completion_for(std::string_view shell);

} // namespace cli
