#include "config/loader.hpp"

#include "config/error.hpp"
#include "config/key_lookup.hpp"

#include <algorithm>
#include <utility>

namespace config {

namespace {

std::string place_of(const Assignment& assignment) {
    return assignment.source == Assignment::Source::option ? "--set" : assignment.place;
}

// The assignment as its author wrote it.
std::string described(const Assignment& assignment, bool secret) {
    const std::string value = secret ? "***" : assignment.value;
    switch (assignment.source) {
    case Assignment::Source::file:
        return assignment.place + ": " + assignment.key + " = " + value;
    case Assignment::Source::environment:
        return assignment.place + "=" + value;
    case Assignment::Source::option:
        break;
    }
    return "--set " + assignment.key + "=" + value;
}

// Without the value: a mistyped or unread key may hold a password.
Error unknown_key(const Assignment& assignment) {
    const std::string nearest = nearest_key(assignment.key);
    return Error(place_of(assignment) + ": unknown key '" + assignment.key + "'" +
                 (nearest.empty() ? " (--print-default-config lists all keys)" : " (did you mean '" + nearest + "'?)"));
}

std::string no_effect_warning(const Assignment& assignment) {
    return place_of(assignment) + ": '" + assignment.key + "' is accepted, but has no effect in this version";
}

struct Match {
    const Assignment* assignment;
    SettingMatch found;
};

void apply(const Match& match, Settings& settings) {
    const auto& [assignment, found] = match;
    const Setting& setting = *found.setting;
    if (assignment->value.starts_with("encrypted:"))
        throw Error(described(*assignment, true) + ": encrypted values are not supported");
    if (!setting.set(settings, found.name, assignment->value))
        throw Error(described(*assignment, setting.secret) + ": expected " + setting.expected);
}

} // namespace

void Loader::assign(Assignment assignment) {
    std::erase_if(assignments_, [&](const Assignment& earlier) { return earlier.key == assignment.key; });
    assignments_.push_back(std::move(assignment));
}

void Loader::assign_all(std::vector<Assignment> assignments) {
    for (Assignment& assignment : assignments)
        assign(std::move(assignment));
}

void Loader::forget(std::string_view prefix) {
    std::erase_if(assignments_, [&](const Assignment& earlier) { return earlier.key.starts_with(prefix); });
}

Loaded Loader::load() const {
    std::vector<Match> matches;
    for (const Assignment& assignment : assignments_) {
        matches.push_back({&assignment, find_setting(assignment.key)});
        if (matches.back().found.setting == nullptr)
            throw unknown_key(assignment);
    }
    // In the table's order: it says which of two keys wins ("listeners.tcp = none" over "listeners.tcp.default =
    // 5672").
    std::stable_sort(matches.begin(), matches.end(),
                     [](const Match& a, const Match& b) { return a.found.setting < b.found.setting; });
    Loaded loaded;
    const Setting* previous = nullptr;
    for (const Match& match : matches) {
        const Setting& setting = *match.found.setting;
        if (&setting != std::exchange(previous, &setting) && setting.clear)
            setting.clear(loaded.settings);
        apply(match, loaded.settings);
        loaded.assigned[match.assignment->key] = match.assignment->value;
        if (setting.effect == Setting::Effect::none_yet)
            loaded.warnings.push_back(no_effect_warning(*match.assignment));
    }
    return loaded;
}

} // namespace config
