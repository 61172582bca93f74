// From a key to its row of the setting table.
#pragma once

#include "config/setting_table.hpp"

#include <string>
#include <string_view>

namespace config {

struct SettingMatch {
    const Setting* setting = nullptr; // null: no such key
    std::string_view name;            // what "$name" or "*" stood for, a view into the key
};

SettingMatch find_setting(std::string_view key);

// The known key that is nearest in spelling, with the given key's own names in it; empty when none is near.
std::string nearest_key(std::string_view key);

} // namespace config
