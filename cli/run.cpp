#include "cli/run.hpp"

#include "cli/api.hpp"
#include "cli/command_line.hpp"
#include "cli/documents.hpp"
#include "cli/perform.hpp"
#include "cli/secrets.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace cli {
namespace {

constexpr long usual_timeout = 60; // seconds
constexpr long no_timeout = std::numeric_limits<int>::max();

void print(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (std::fflush(stdout) != 0) {
        throw Failure(ExitCode::software, "Error: cannot write to standard output");
    }
}

Settings layered(const CommandLine& line) {
    Settings settings = line.settings;
    if (!line.profile.empty()) {
        settings.merge(read_profile(line.profile));
    }
    settings.merge(environment_settings([](const char* name) -> const char* { return std::getenv(name); }));
    if (line.profile.empty()) {
        settings.merge(read_profile(""));
    }
    return settings;
}

Call call_of(const CommandLine& line, const Settings& settings) {
    Call call(*line.command, line.values, line.words);
    const auto vhost = settings.find("vhost");
    call.set("vhost", vhost == settings.end() ? "/" : vhost->second);
    call.set("timeout", std::to_string(line.timeout.value_or(usual_timeout)));
    if (line.settings.contains("vhost")) {
        call.set("vhost_given", "true");
    }
    if (line.quiet) {
        call.set("quiet", "true");
    }
    std::string words;
    for (const std::string& word : line.words) {
        words += (words.empty() ? "" : ", ") + word;
    }
    call.set("words", words);
    return call;
}

bool mentions(const Command& command, std::string_view name) {
    return command.heading.find(name) != std::string_view::npos;
}

// Nothing is said about a file that is standard input or output.
bool has_heading(const CommandLine& line, const Call& call) {
    const bool is_pipe = mentions(call.command(), "{file}") && (!call.has("file") || call.value("file") == "-");
    return !line.quiet && has_headings(line.formatter) && !call.command().heading.empty() && !is_pipe;
}

// A user who may not look does not learn that something is missing.
bool is_missing(Api& api, const std::string& path) {
    try {
        return !api.find(path);
    } catch (const ApiError&) {
        return false;
    }
}

// What a refusal means for this command; returns when it is none.
void explain(const ApiError& error, const Call& call, Api& api) {
    const std::string reason = error.what();
    if (error.status() == 401) {
        throw Failure(ExitCode::no_permission,
                      "Error: access refused for user '" + api.address().user + "': " + reason);
    }
    if (error.status() != 404 && reason != "vhost_or_user_not_found") {
        const bool is_broken = error.status() == 500;
        throw failed(is_broken ? ExitCode::software : ExitCode::unavailable, reason);
    }
    const bool has_vhost = call.command().usage.find("<vhost>") != std::string_view::npos;
    if (has_vhost && is_missing(api, call.expand_target("/vhosts/{vhost}?columns=name"))) {
        throw Failure(ExitCode::data, call.expand("Virtual host '{vhost}' does not exist"));
    }
    if (call.has("username") && is_missing(api, call.expand_target("/users/{username}"))) {
        throw failed(ExitCode::no_user, call.expand("User \"{username}\" does not exist"));
    }
    const Missing& missing = call.command().missing;
    if (!missing.is_success) {
        throw failed(missing.code, missing.text.empty() ? reason : call.expand(missing.text));
    }
}

Output asked(const CommandLine& line, Call& call, Api& api) {
    try {
        if (mentions(call.command(), "{node}") || call.command().group == Group::monitoring) {
            call.set("node", api.node());
        }
        if (has_heading(line, call)) {
            print(call.expand(call.command().heading) + "\n");
        }
        return perform(call, api);
    } catch (const ApiError& error) {
        explain(error, call, api);
        return Line{};
    }
}

Output run_remote(const CommandLine& line) {
    const Settings settings = layered(line);
    Call call = call_of(line, settings);
    if (!call.command().columns.empty()) {
        chosen_columns(call); // complains before anything is asked
    }
    Address address =
        address_of(settings, [](const std::string& user) { return read_secret("Password of " + user + ": "); });
    const long seconds = line.timeout.value_or(call.command().is_long ? no_timeout : usual_timeout);
    HttpClient client(std::move(address), std::chrono::seconds(seconds));
    Api api(client);
    Progress progress{std::string(call.command().name)};
    if (call.command().is_long) {
        api.show_progress(progress);
    }
    return asked(line, call, api);
}

Output run_local(const CommandLine& line) {
    HttpClient nowhere({}, {});
    Api api(nowhere);
    return line.command->run(call_of(line, {}), api);
}

} // namespace

void run(int argc, const char* const* argv) {
    const CommandLine line = parse_command_line(argc, argv);
    if (line.help) {
        print(line.command ? help_of(*line.command) : overview_of_commands());
    } else if (line.command == nullptr) {
        throw Failure(ExitCode::usage, overview_of_commands());
    } else {
        const Output output = line.command->is_local ? run_local(line) : run_remote(line);
        print(format(output, line.formatter, line.with_names));
    }
}

} // namespace cli
