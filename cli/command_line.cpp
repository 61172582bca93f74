#include "cli/command_line.hpp"

#include "cli/command_table.hpp"
#include "cli/documents.hpp"
#include "cli/usage.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace cli {
namespace {

using Globals = std::map<std::string, std::string, std::less<>>;

void add_globals(CLI::App& app, Globals& given) {
    for (const GlobalOption& option : global_options()) {
        const std::string name(option.name);
        if (option.value.empty()) {
            app.add_flag_callback(std::string(option.flags), [&given, name] { given[name] = "true"; });
        } else {
            app.add_option_function<std::string>(std::string(option.flags),
                                                 [&given, name](const std::string& value) { given[name] = value; });
        }
    }
}

// `--vhost` and `--no-table-headers` stand in usages for those who read them; they are global.
bool is_global(const Option& option) {
    return option.name == "vhost" || option.name == "no_table_headers";
}

void add_command(CLI::App& app, const Command& command, CommandLine& line) {
    CLI::App& sub = *app.add_subcommand(std::string(command.name));
    sub.fallthrough()->set_help_flag();
    sub.parse_complete_callback([&line, &command] { line.command = &command; });
    const Usage usage = parse_usage(command.usage);
    for (const Option& option : usage.options) {
        if (is_global(option)) {
            continue;
        }
        if (option.has_value) {
            sub.add_option_function<std::string>(
                option.flags, [&line, name = option.name](const std::string& value) { line.values[name] = value; });
        } else {
            sub.add_flag_callback(option.flags, [&line, name = option.name] { line.values[name] = "true"; });
        }
    }
    for (const Positional& positional : usage.positionals) {
        if (positional.repeated) {
            sub.add_option(positional.name, line.words);
        } else {
            sub.add_option_function<std::string>(
                positional.name,
                [&line, name = positional.name](const std::string& value) { line.values[name] = value; });
        }
    }
}

void check_rest(const CLI::App& app, const CommandLine& line) {
    const std::vector<std::string> rest = app.remaining(true);
    if (line.command == nullptr && !rest.empty() && !rest.front().starts_with('-')) {
        if (const std::string_view reason = reason_of_absence(rest.front()); !reason.empty()) {
            throw Failure(ExitCode::unavailable,
                          "Error: '" + rest.front() + "' is not a command here: " + std::string(reason));
        }
        const Command* const closest = closest_command(rest.front());
        throw Failure(ExitCode::usage, "\nCommand '" + rest.front() + "' not found. " +
                                           (closest ? "\nDid you mean '" + std::string(closest->name) + "'? "
                                                    : "\n" + overview_of_commands()));
    }
    const auto unknown =
        std::ranges::find_if(rest, [](const auto& word) { return word.starts_with('-') && word != "--"; });
    const std::string problem =
        unknown != rest.end() ? "Invalid options for this command:\n" + *unknown + " : " : "too many arguments.";
    if (!rest.empty()) {
        throw line.command ? bad_usage(*line.command, problem)
                           : Failure(ExitCode::usage, "Error (argument validation): " + problem);
    }
}

void check_count(const CommandLine& line) {
    const Usage usage = parse_usage(line.command->usage);
    for (const Positional& positional : usage.positionals) {
        if (positional.required && !line.values.contains(positional.name)) {
            throw bad_usage(*line.command, "not enough arguments.");
        }
    }
}

long seconds_of(const std::string& text) {
    if (text == "infinity") {
        return std::numeric_limits<int>::max();
    }
    if (text.empty() || text.size() > 8 || text.find_first_not_of("0123456789") != std::string::npos) {
        throw Failure(ExitCode::usage, "Error (argument validation): Invalid options for this command:\n-t : " + text);
    }
    return std::stol(text);
}

void apply_globals(const Globals& given, CommandLine& line) {
    const auto has = [&](std::string_view name) { return given.contains(name); };
    for (const char* const key : {"url", "user", "password", "password-file", "vhost", "cacert", "insecure"}) {
        if (has(key)) {
            line.settings[key] = given.at(key);
        }
    }
    line.profile = has("profile") ? given.at("profile") : "";
    line.help = has("help");
    line.quiet = has("quiet") || has("silent");
    line.with_names = !has("silent") && !has("no-table-headers");
    if (has("timeout")) {
        line.timeout = seconds_of(given.at("timeout"));
    }
    if (has("formatter")) {
        const auto formatter = formatter_named(given.at("formatter"));
        if (!formatter) {
            throw Failure(ExitCode::usage, "Error (argument validation): there is no formatter '" +
                                               given.at("formatter") +
                                               "'; there are table, pretty_table, json and csv");
        }
        line.formatter = *formatter;
    }
}

} // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
    CLI::App app;
    app.set_help_flag();
    app.allow_extras()->require_subcommand(0, 1);
    Globals given;
    CommandLine line;
    add_globals(app, given);
    for (const Command* const command : all_commands()) {
        add_command(app, *command, line);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const std::string problem = error.what();
        throw line.command ? bad_usage(*line.command, problem)
                           : Failure(ExitCode::usage, "Error (argument validation): " + problem);
    }
    apply_globals(given, line);
    check_rest(app, line);
    if (line.command != nullptr && !line.help) {
        check_count(line);
    }
    return line;
}

} // namespace cli
