// All commands, in the order in which help shows them. The rows stand in commands/.
#pragma once

#include "cli/command.hpp"

#include <vector>

namespace cli {

// Each group of rows, by the file in commands/ that it stands in.
std::span<const Command> tool_commands();
std::span<const Command> node_commands();
std::span<const Command> check_commands();
std::span<const Command> diagnostic_commands();
std::span<const Command> user_commands();
std::span<const Command> permission_commands();
std::span<const Command> virtual_host_commands();
std::span<const Command> listing_commands();
std::span<const Command> parameter_commands();
std::span<const Command> queue_commands();
std::span<const Command> message_commands();
std::span<const Command> definition_commands();
std::span<const Command> connection_commands();

const std::vector<const Command*>& all_commands();
const Command* find_command(std::string_view name);
// The command whose name is most like this one; null when none is.
const Command* closest_command(std::string_view name);
// Why RabbitMQ's command of this name is not here; empty for any other name.
std::string_view reason_of_absence(std::string_view name);

// Names with blanks between, and what they have in common.
struct Absence {
    std::string_view names, reason;
};
std::span<const Absence> absent_commands();

} // namespace cli
