// Definitions to a file and from one.
#include "cli/commands/tables.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <fstream>
#include <iostream>
#include <sstream>

namespace cli {
namespace {

using enum Verb;

bool is_standard(const Call& call) {
    return !call.has("file") || call.value("file") == "-";
}

Failure bad_file(const Call& call, const std::string& problem) {
    return {ExitCode::data, call.expand("Error (argument validation): Bad argument: File {file} ") + problem};
}

std::string contents(const Call& call) {
    std::ostringstream text;
    if (is_standard(call)) {
        text << std::cin.rdbuf();
        return text.str();
    }
    std::ifstream stream(call.value("file"));
    text << stream.rdbuf();
    if (!stream) {
        throw bad_file(call, "does not exist or cannot be read");
    }
    return text.str();
}

Output export_definitions(const Call& call, Api& api) {
    const std::string text = boost::json::serialize(
        api.get(call.has("vhost_given") ? call.expand_target("/definitions/{vhost}") : "/definitions"));
    if (is_standard(call)) {
        return Report{text + "\n", boost::json::parse(text)};
    }
    std::ofstream stream(call.value("file"), std::ios::trunc);
    stream << text;
    stream.close();
    if (!stream) {
        throw bad_file(call, "cannot be written");
    }
    return Line{};
}

Output import_definitions(const Call& call, Api& api) {
    const std::string text = contents(call);
    boost::system::error_code error;
    boost::json::parse(text, error);
    if (error) {
        throw failed(ExitCode::data, "Failed to deserialise input (format: JSON) (error: " + error.message() + ")");
    }
    const std::string path = call.has("vhost_given") ? call.expand_target("/definitions/{vhost}") : "/definitions";
    api.send({post, path, text});
    return Line{"Definitions are imported"};
}

constexpr auto definitions = std::to_array<Command>({
    {.group = Group::definitions,
     .name = "export_definitions",
     .usage = "[--vhost <vhost>] [<file>]",
     .description = "Writes all definitions, or those of one virtual host, as JSON to a file or (-) standard output",
     .heading = "Exporting definitions in JSON to a file at \"{file}\" ...",
     .run = export_definitions,
     .is_long = true},
    {.group = Group::definitions,
     .name = "import_definitions",
     .usage = "[--vhost <vhost>] [<file>]",
     .description = "Imports definitions from a file or (-) standard input; with a mistake anywhere nothing changes",
     .heading = "Importing definitions in JSON from a file at \"{file}\" ...",
     .run = import_definitions,
     .is_long = true},
});

} // namespace

std::span<const Command> definition_commands() {
    return definitions;
}

} // namespace cli
