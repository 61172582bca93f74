// One row of the setting table. Rows are built once, at start, and never changed. A row knows how to write its value
// into Settings and what to say when the value is wrong; it does not know where the value came from (loader.hpp does).
#pragma once

#include "config/form.hpp"
#include "config/settings.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace config {

struct Setting {
    enum class Effect : std::uint8_t { yes, none_yet };

    std::string key;           // one that ends in "$name" or "*" is a family: anything may stand there
    std::string expected;      // what a value looks like: "seconds, an integer from 0 to 65535"
    std::string default_value; // as it would be written; empty: unset
    std::string help;
    Effect effect = Effect::yes;
    bool secret = false; // the value is not shown in messages
    bool live = false;   // follows the file at SIGHUP; others need a restart
    std::string example_name;

    // Writes the value; false when it is not what is expected. `name` is what "$name" stood for.
    std::function<bool(Settings&, std::string_view name, std::string_view value)> set;
    // Called before the first value of a family ("loopback_users.$user"): what is given replaces the default.
    std::function<void(Settings&)> clear;

    bool is_family() const { return key.find('$') != std::string::npos || key.ends_with('*'); }

    // The key that has the default: of a family, one with a name.
    std::string default_key() const {
        const auto wildcard = key.find('$');
        return wildcard == std::string::npos ? key : key.substr(0, wildcard) + example_name;
    }

    Setting without_effect() && {
        effect = Effect::none_yet;
        return std::move(*this);
    }
    // Its default stands at the key whose other name it is; shown here too, it would undo what is set there.
    Setting as_other_name() && {
        default_value.clear();
        return std::move(*this);
    }
    Setting at_run_time() && {
        live = true;
        return std::move(*this);
    }
    Setting as_secret() && {
        secret = true;
        return std::move(*this);
    }
    // `name` stands for "$name" where the default is printed.
    Setting as_family(std::string name, std::function<void(Settings&)> clear_default) && {
        example_name = std::move(name);
        clear = std::move(clear_default);
        return std::move(*this);
    }
};

// The way to a member: at(&Settings::log, &LogSettings::file) is a function that finds settings.log.file.
template <class... Members>
auto at(Members... members) {
    return [=](Settings & settings) -> auto& {
        return (settings.*....*members);
    };
}

// A value that is more than one member: `write` is called as write(settings, name, parsed value).
template <class T, class Write>
Setting custom_setting(std::string key, Form<T> form, std::string default_value, Write write, std::string help) {
    auto set = [parse = form.parse, write](Settings& settings, std::string_view name, std::string_view text) {
        auto value = parse(text);
        if (value)
            write(settings, name, std::move(*value));
        return value.has_value();
    };
    Setting row;
    row.key = std::move(key);
    row.expected = std::move(form.expected);
    row.default_value = std::move(default_value);
    row.help = std::move(help);
    row.set = std::move(set);
    return row;
}

// The usual row: one member, found by `access(settings)`, which may be an optional<T>; its default is shown.
template <class T, class Access>
Setting setting(std::string key, Form<T> form, Access access, std::string help) {
    Settings defaults;
    std::string default_value = show(form, access(defaults));
    auto write = [access](Settings& settings, std::string_view, T value) { access(settings) = std::move(value); };
    return custom_setting(std::move(key), std::move(form), std::move(default_value), write, std::move(help));
}

// A key that RabbitMQ knows and that changes nothing here yet: its value is checked, and a warning names it.
template <class T>
Setting accepted(std::string key, Form<T> form, std::string default_value, std::string help) {
    return custom_setting(
               std::move(key), std::move(form), std::move(default_value), [](Settings&, std::string_view, const T&) {},
               std::move(help))
        .without_effect();
}

} // namespace config
