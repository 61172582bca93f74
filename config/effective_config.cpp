#include "config/effective_config.hpp"

#include "config/changes.hpp"
#include "config/key_lookup.hpp"

#include <vector>

namespace config {

namespace {

void print_value(std::string& out, const Setting& setting, const std::string& key, const std::string& value) {
    if (!value.empty())
        out += key + " = " + (setting.secret ? "***" : value) + "\n";
}

} // namespace

std::string print_effective_config(const Assigned& assigned) {
    std::map<const Setting*, std::vector<std::string>> keys;
    for (const auto& [key, value] : assigned)
        keys[find_setting(key).setting].push_back(key);
    std::string out;
    for (const Setting& setting : setting_table()) {
        const auto given = keys.find(&setting);
        if (given != keys.end()) {
            for (const std::string& key : given->second)
                print_value(out, setting, key, assigned.at(key));
        } else if (setting.effect == Setting::Effect::yes) {
            print_value(out, setting, setting.default_key(), setting.default_value);
        }
    }
    return out;
}

Assigned followed(const Assigned& at_start, const Assigned& now) {
    Assigned effective = at_start;
    for (const std::string& key : changes_between(at_start, now).live) {
        if (const auto found = now.find(key); found != now.end())
            effective[key] = found->second;
        else
            effective.erase(key);
    }
    return effective;
}

} // namespace config
