#include "config/key_lookup.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace config {

namespace {

// "listeners.tcp." of "listeners.tcp.$name".
std::string_view family_prefix(const Setting& setting) {
    return std::string_view(setting.key).substr(0, setting.key.find_first_of("$*"));
}

// The key with its first parts replaced by the family's: "listeners.tpc.default" becomes "listeners.tcp.default".
std::string as_member_of(std::string_view prefix, std::string_view key) {
    std::size_t position = 0;
    for (auto parts = std::count(prefix.begin(), prefix.end(), '.'); parts > 0; --parts) {
        const auto dot = key.find('.', position);
        if (dot == std::string_view::npos)
            return {};
        position = dot + 1;
    }
    return std::string(prefix) + std::string(key.substr(position));
}

// Levenshtein's: how many characters must be inserted, removed or replaced.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

} // namespace

SettingMatch find_setting(std::string_view key) {
    for (const Setting& setting : setting_table())
        if (setting.key == key)
            return {&setting, {}};
    for (const Setting& setting : setting_table()) {
        const auto prefix = family_prefix(setting);
        if (setting.is_family() && key.starts_with(prefix) && key.size() > prefix.size())
            return {&setting, key.substr(prefix.size())};
    }
    return {};
}

std::string nearest_key(std::string_view key) {
    constexpr std::size_t max_distance = 3;
    constexpr std::size_t max_key_size = 128; // the distance takes time in the square of it
    std::string nearest;
    if (key.size() > max_key_size)
        return nearest;
    std::size_t best = std::min(max_distance, key.size() / 2) + 1;
    for (const Setting& setting : setting_table()) {
        std::string candidate = setting.is_family() ? as_member_of(family_prefix(setting), key) : setting.key;
        if (const auto distance = edit_distance(key, candidate); distance < best) {
            best = distance;
            nearest = std::move(candidate);
        }
    }
    return nearest;
}

} // namespace config
