#include "broker/store_tools.hpp"

#include "storage/store_tools.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

namespace broker {
namespace {

constexpr int exit_findings = 1;
constexpr int exit_failed = 2;

void print(std::string_view line) {
    fmt::print("{}\n", line);
}

void note(std::string_view line) {
    fmt::print("note: {}\n", line);
}

std::string text_of(const storage::StoreContents& contents) {
    return fmt::format("{} records, {} messages of {} octets in {} queues, {} pages, {} values in the commit log",
                       contents.records, contents.messages, contents.body_bytes, contents.queues, contents.pages,
                       contents.log_values);
}

int verify(const std::string& directory) {
    const storage::Verified result = storage::verify_rocksdb(directory, print, note);
    fmt::print("{}: {}: {}\n", directory,
               result.findings == 0 ? "no findings" : fmt::format("{} findings", result.findings),
               text_of(result.contents));
    if (result.findings != 0) {
        fmt::print("leveret repair {} saves what can be saved\n", directory);
    }
    return result.findings == 0 ? 0 : exit_findings;
}

int repair(const std::string& directory) {
    const storage::Repaired result = storage::repair_rocksdb(directory, print);
    if (!result.changed) {
        fmt::print("{}: nothing to repair: {}\n", directory, text_of(result.contents));
        return 0;
    }
    fmt::print("{}: repaired: {}\nthe store as it was is in {}; remove it when nothing of it is wanted any more\n",
               directory, text_of(result.contents), result.original.string());
    return 0;
}

} // namespace

std::optional<int> run_store_tool(int argc, const char* const* argv) {
    const std::string_view command = argc > 1 ? argv[1] : "";
    if (command != "verify" && command != "repair") {
        return std::nullopt;
    }
    CLI::App app("Leveret's data directory", "leveret");
    app.require_subcommand(1);
    std::string directory;
    for (const auto& [name, text] :
         {std::pair("verify", "Read everything in DIR and say what is not as it should be; changes nothing"),
          std::pair("repair", "Make a store that starts from what can be read in DIR, and say what is lost")}) {
        app.add_subcommand(name, text)
            ->add_option("DIR", directory, "The data directory of a stopped broker")
            ->required()
            ->type_name("");
    }
    try {
        app.parse(argc, argv);
        return command == "verify" ? verify(directory) : repair(directory);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            return app.exit(error);
        }
        fmt::print(stderr, "leveret: {}\n", error.what());
    } catch (const std::exception& error) {
        std::fflush(stdout);
        fmt::print(stderr, "leveret: {}\n", error.what());
    }
    return exit_failed;
}

} // namespace broker
