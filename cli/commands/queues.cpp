// What is done to a queue as a whole.
#include "cli/commands/tables.hpp"

#include <array>

namespace cli {
namespace {

using enum Verb;

constexpr Missing no_such_queue{ExitCode::usage, "Queue not found"};

constexpr Column member_columns[] = {
    {"node_name", "Node Name"}, {"raft_state", "Raft State"}, {"membership", "Membership"}};

// rabbitmqctl says how many messages went with the queue; the API's answer has no body.
Output delete_queue(const Call& call, Api& api) {
    const boost::json::value queue = api.get(call.expand_target("/queues/{vhost}/{queue_name}"));
    std::string path = "/queues/{vhost}/{queue_name}?if-empty={if_empty}&if-unused={if_unused}";
    try {
        api.send(delete_, call.expand_target(path));
    } catch (const ApiError& error) {
        const std::string reason = error.what();
        if (reason.ends_with("not empty")) {
            throw failed(ExitCode::usage, "Queue is not empty");
        }
        if (reason.ends_with("in use")) {
            throw failed(ExitCode::usage, "Queue is in use");
        }
        throw;
    }
    return Line{"Queue was successfully deleted with " + string_of(queue, "messages_ready") + " ready messages"};
}

constexpr auto queues = std::to_array<Command>({
    {.group = Group::queues,
     .name = "delete_queue",
     .usage = "[--vhost <vhost>] <queue_name> [--if-empty|-e] [--if-unused|-u]",
     .description = "Deletes a queue",
     .heading = "Deleting queue '{queue_name}' on vhost '{vhost}' ...",
     .missing = no_such_queue,
     .run = delete_queue},
    {.group = Group::queues,
     .name = "purge_queue",
     .usage = "[--vhost <vhost>] <queue_name>",
     .description = "Removes all messages that are ready in a queue",
     .heading = "Purging queue '{queue_name}' in vhost '{vhost}' ...",
     .request = {delete_, "/queues/{vhost}/{queue_name}/contents"},
     .missing = {ExitCode::unavailable, "not_found"},
     .is_long = true},
    {.group = Group::queues,
     .name = "quorum_status",
     .usage = "[--vhost <vhost>] <queue_name> [--no-table-headers]",
     .description = "Lists the members of a quorum queue: the one node",
     .heading = "Status of quorum queue {queue_name} on node {node} ...",
     .request = {get, "/queues/quorum/{vhost}/{queue_name}/status"},
     .missing = {ExitCode::usage, "Quorum queue not found"},
     .columns = member_columns},
});

} // namespace

std::span<const Command> queue_commands() {
    return queues;
}

} // namespace cli
