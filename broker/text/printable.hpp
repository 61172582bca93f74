// Text from outside for a terminal or a log file: one line, nothing that moves the cursor or turns the direction of
// writing. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace broker {

// The text with control characters, line and paragraph separators, direction marks and octets that are not UTF-8 spelt
// out: \n, \r, \t, \x1b, \u202e.
void append_printable(std::string& out, std::string_view text);
std::string printable(std::string_view text);

} // namespace broker
