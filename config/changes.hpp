// What differs between the settings that a broker was started with and those that are in the files now.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace config {

struct Changes {
    std::vector<std::string> live;       // keys, sorted: those that follow at run time
    std::vector<std::string> at_restart; // and those that do not
};

// Both are key to value, as assigned.
Changes changes_between(const std::map<std::string, std::string>& before,
                        const std::map<std::string, std::string>& after);

} // namespace config
