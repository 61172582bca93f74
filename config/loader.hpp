// From assignments to Settings: the last assignment of a key counts, an unknown key or a wrong value ends the start, a
// key without effect is named in a warning. Lives for the time of the start only.
#pragma once

#include "config/config_file.hpp"
#include "config/settings.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace config {

struct Loaded {
    Settings settings;
    std::vector<std::string> warnings;
    std::map<std::string, std::string> assigned; // key to value, as written
};

class Loader {
 public:
    // Replaces what was assigned to the same key before.
    void assign(Assignment assignment);
    void assign_all(std::vector<Assignment> assignments);

    // Forgets what was assigned to keys that begin so.
    void forget(std::string_view prefix);

    // Throws Error.
    Loaded load() const;

 private:
    std::vector<Assignment> assignments_;
};

} // namespace config
