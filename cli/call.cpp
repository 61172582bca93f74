#include "cli/call.hpp"

#include "cli/usage.hpp"

#include <boost/json/parse.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>
#include <sstream>

namespace cli {
namespace {

// Replaces every `{name}` by what `value` says of it.
template <class Value>
std::string expanded(std::string_view text, Value value) {
    std::string result;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('{'), text.size());
        result += text.substr(0, open);
        text.remove_prefix(open);
        if (!text.empty()) {
            const std::size_t close = text.find('}');
            result += value(text.substr(1, close - 1));
            text.remove_prefix(close + 1);
        }
    }
    return result;
}

bool is_option(const Command& command, std::string_view name) {
    const Usage usage = parse_usage(command.usage);
    return std::ranges::any_of(usage.options, [&](const Option& option) { return option.name == name; });
}

const Column* find_column(std::span<const Column> columns, std::string_view name) {
    const auto found = std::ranges::find(columns, name, &Column::name);
    return found == columns.end() ? nullptr : &*found;
}

} // namespace

Call::Call(const Command& command, Values values, std::vector<std::string> words)
    : command_(command),
      values_(std::move(values)),
      words_(std::move(words)) {
    std::istringstream defaults{std::string(command.defaults)};
    for (std::string each; defaults >> each;) {
        const std::size_t equals = each.find('=');
        values_.try_emplace(each.substr(0, equals), each.substr(equals + 1));
    }
}

const std::string& Call::value(std::string_view name) const {
    static const std::string nothing;
    const auto found = values_.find(name);
    return found == values_.end() ? nothing : found->second;
}

std::string Call::expand(std::string_view text) const {
    return expanded(text, [this](std::string_view name) { return value(name); });
}

std::string Call::expand_target(std::string_view text) const {
    const auto encoded = [this](std::string_view name) { return percent_encoded(value(name)); };
    const std::size_t question = std::min(text.find('?'), text.size());
    std::string target = expanded(text.substr(0, question), [&](std::string_view name) {
        if (has(name) && value(name).empty()) { // the path would lead elsewhere
            throw bad_usage(command_, "<" + std::string(name) + "> must not be empty");
        }
        return encoded(name);
    });
    if (target.ends_with('/')) {
        target.pop_back();
    }
    std::string_view query = text.substr(question);
    char separator = '?';
    while (!query.empty()) {
        query.remove_prefix(1);
        const std::string_view part = query.substr(0, query.find('&'));
        query.remove_prefix(part.size());
        const std::string parameter = expanded(part, encoded);
        if (!parameter.ends_with('=')) {
            target += separator + parameter;
            separator = '&';
        }
    }
    return target;
}

boost::json::object Call::body(std::string_view specification) const {
    boost::json::object object;
    std::istringstream fields{std::string(specification)};
    for (std::string field; fields >> field;) {
        const std::size_t equals = field.find('=');
        const std::string name = field.substr(equals + 1);
        const bool is_json = field[equals - 1] == ':';
        const std::string key = field.substr(0, is_json ? equals - 1 : equals);
        if (!is_json) {
            object[key] = value(name);
            continue;
        }
        try {
            object[key] = parse_json(value(name));
        } catch (const Failure&) {
            if (is_option(command_, name)) {
                throw bad_usage(command_, "Invalid options for this command:\n--" + name + " : " + value(name));
            }
            throw;
        }
    }
    return object;
}

boost::json::value parse_json(std::string_view text) {
    boost::system::error_code error;
    boost::json::value value = boost::json::parse({text.data(), text.size()}, error);
    if (error) {
        throw failed(ExitCode::unavailable, "JSON decoding error. Reason: " + error.message());
    }
    return value;
}

std::string percent_encoded(std::string_view text) {
    return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

std::string usage_line(const Command& command) {
    std::string line = "leveretctl [--quiet] " + std::string(command.name);
    if (!command.usage.empty()) {
        line += " " + std::string(command.usage);
    }
    return line;
}

Failure bad_usage(const Command& command, const std::string& problem) {
    return {ExitCode::usage, "Error (argument validation): " + problem + "\n\nUsage\n\n" + usage_line(command)};
}

std::vector<Column> chosen_columns(const Call& call) {
    const Command& command = call.command();
    std::string names;
    for (const std::string& word : call.words()) {
        names += word + " ";
    }
    if (names.find_first_not_of(" ,") == std::string::npos) {
        names = command.shown;
    }
    std::ranges::replace(names, ',', ' ');
    std::vector<Column> columns;
    std::string unknown;
    std::istringstream each(names);
    for (std::string name; each >> name;) {
        if (const Column* column = find_column(command.columns, name)) {
            columns.push_back(*column);
        } else {
            unknown += (unknown.empty() ? "" : ", ") + name;
        }
    }
    if (!unknown.empty()) {
        throw bad_usage(command, "Info key(s) " + unknown + " are not supported");
    }
    return names.empty() ? std::vector(command.columns.begin(), command.columns.end()) : columns;
}

} // namespace cli
