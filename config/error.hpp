// A bad start: one line that names the place, the key and what would be valid. Thrown while settings are read and
// caught by parse_command_line, which turns it into an Exit; nothing else in the program sees it.
#pragma once

#include <stdexcept>

namespace config {

class Error : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

} // namespace config
