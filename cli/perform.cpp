#include "cli/perform.hpp"

namespace cli {
namespace {

Output listed(const Call& call, Api& api) {
    Rows rows{chosen_columns(call), {}};
    std::string path = call.expand_target(call.command().request.path);
    if (call.command().narrow) {
        char separator = '?';
        std::string_view rest = "columns=";
        for (const Column& column : rows.columns) {
            if (column.form != Form::constant) {
                path += separator + std::string(rest) + std::string(column.source());
                separator = ',';
                rest = "";
            }
        }
    }
    boost::json::value answer = api.get(path);
    if (!answer.is_array()) {
        throw Failure(ExitCode::software, "Error: the answer is not a list: is this the management port?");
    }
    rows.objects = std::move(answer.get_array());
    return rows;
}

} // namespace

Output perform(const Call& call, Api& api) {
    const Command& command = call.command();
    if (command.run != nullptr) {
        return command.run(call, api);
    }
    if (!command.columns.empty()) {
        return listed(call, api);
    }
    const std::string target = call.expand_target(command.request.path);
    if (command.request.body.empty()) {
        api.send(command.request.verb, target);
    } else {
        api.send(command.request.verb, target, call.body(command.request.body));
    }
    return Line{call.expand(command.result)};
}

} // namespace cli
