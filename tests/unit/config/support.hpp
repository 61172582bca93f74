// What the tests of config share: loading a text as a file, and an environment that is a map.
#pragma once

#include "config/environment.hpp"
#include "config/error.hpp"
#include "config/loader.hpp"

#include <map>
#include <string>
#include <utility>

namespace config {

inline Loaded load_text(const std::string& text) {
    Loader loader;
    loader.assign_all(parse_config(text, "rabbitmq.conf"));
    return loader.load();
}

inline Settings settings_of(const std::string& text) {
    return load_text(text).settings;
}

// The text of the error, or "no error".
inline std::string error_of(const std::string& text) {
    try {
        load_text(text);
        return "no error";
    } catch (const Error& error) {
        return error.what();
    }
}

inline Environment environment_of(std::map<std::string, std::string> variables) {
    return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
}

} // namespace config
