#include "config/changes.hpp"

#include "config/key_lookup.hpp"

#include <set>

namespace config {

Changes changes_between(const std::map<std::string, std::string>& before,
                        const std::map<std::string, std::string>& after) {
    const auto find = [](const auto& assigned, const std::string& key) {
        const auto found = assigned.find(key);
        return found == assigned.end() ? nullptr : &found->second;
    };
    std::set<std::string> keys;
    for (const auto* assigned : {&before, &after})
        for (const auto& [key, value] : *assigned)
            keys.insert(key);
    Changes changes;
    for (const std::string& key : keys) {
        const std::string* then = find(before, key);
        const std::string* now = find(after, key);
        if (then != nullptr && now != nullptr && *then == *now)
            continue;
        const Setting* setting = find_setting(key).setting;
        const bool live = setting != nullptr && setting->live;
        (live ? changes.live : changes.at_restart).push_back(key);
    }
    return changes;
}

} // namespace config
