#include "cli/command_table.hpp"

#include <algorithm>
#include <numeric>

namespace cli {
namespace {

// How many letters must be changed, added or removed to make one of the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, changed});
        }
    }
    return row.back();
}

} // namespace

std::string_view title_of(Group group) {
    switch (group) {
    case Group::help:
        return "Help";
    case Group::node:
        return "Nodes";
    case Group::users:
        return "Users";
    case Group::access:
        return "Access Control";
    case Group::virtual_hosts:
        return "Virtual hosts";
    case Group::monitoring:
        return "Monitoring, observability and health checks";
    case Group::parameters:
        return "Parameters";
    case Group::policies:
        return "Policies";
    case Group::queues:
        return "Queues";
    case Group::messages:
        return "Messages";
    case Group::definitions:
        return "Definitions and backup";
    case Group::operations:
        return "Operations";
    }
    return "";
}

const std::vector<const Command*>& all_commands() {
    static const std::vector<const Command*> all = [] {
        std::vector<const Command*> commands;
        for (const auto rows :
             {tool_commands(), node_commands(), check_commands(), diagnostic_commands(), user_commands(),
              permission_commands(), virtual_host_commands(), listing_commands(), parameter_commands(),
              queue_commands(), message_commands(), definition_commands(), connection_commands()}) {
            for (const Command& command : rows) {
                commands.push_back(&command);
            }
        }
        std::ranges::sort(commands, {}, [](const Command* each) { return std::pair(each->group, each->name); });
        return commands;
    }();
    return all;
}

const Command* find_command(std::string_view name) {
    const auto found = std::ranges::find(all_commands(), name, [](const Command* each) { return each->name; });
    return found == all_commands().end() ? nullptr : *found;
}

const Command* closest_command(std::string_view name) {
    const auto how_far = [&](const Command* each) { return distance(each->name, name); };
    const Command* const closest = *std::ranges::min_element(all_commands(), {}, how_far);
    return how_far(closest) <= name.size() / 3 ? closest : nullptr;
}

} // namespace cli
