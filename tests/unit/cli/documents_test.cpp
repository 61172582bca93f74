#include "cli/command_table.hpp"
#include "cli/documents.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

using namespace cli;

TEST_CASE("documents: cli/leveretctl.1 is what `leveretctl manual` writes", "[cli]") {
    std::ifstream file(LEVERETCTL_MANUAL);
    std::ostringstream text;
    text << file.rdbuf();
    CHECK(text.str() == manual_page());
}

TEST_CASE("documents: help, manual and completion name every command", "[cli]") {
    const std::string documents[] = {overview_of_commands(), completion_for("bash"), completion_for("zsh"),
                                     completion_for("fish")};
    for (const Command* const command : all_commands()) {
        INFO(command->name);
        for (const std::string& document : documents) {
            CHECK(document.find(command->name) != std::string::npos);
        }
    }
    CHECK(help_of(*find_command("list_queues")).find("must be one of name, durable") != std::string::npos);
    CHECK_THROWS_AS(completion_for("tcsh"), Failure);
}
