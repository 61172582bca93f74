// What Leveret has beyond RabbitMQ: looking at messages, moving them, asking where one would go, a backup while it
// runs. These paths are Leveret's own; they stand nowhere else.
#include "cli/commands/tables.hpp"

#include <algorithm>
#include <array>

namespace cli {
namespace {

using enum Verb;

constexpr std::string_view peek_path =
    "/queues/{vhost}/{queue_name}/peek?offset={offset}&count={count}&header={header}&key={key}&body={body}";
constexpr std::string_view move_path = "/queues/{vhost}/{queue_name}/move";
constexpr std::string_view copy_path = "/queues/{vhost}/{queue_name}/copy";
constexpr std::string_view explain_path = "/exchanges/{vhost}/{exchange}/explain";
constexpr std::string_view backup_path = "/backup";
constexpr std::uint64_t move_step = 1000;

constexpr Missing no_such_queue{.code = ExitCode::usage}; // the API says which: source or destination
constexpr Missing no_such_exchange{ExitCode::usage, "Exchange not found"};
constexpr Column message_columns[] = {
    {"position"},      {"exchange"},         {"routing_key"}, {"redelivered"},
    {"payload_bytes"}, {"payload_encoding"}, {"properties"},  {"headers", "properties.headers"},
    {"payload"}};
constexpr Column backup_columns[] = {{"directory"}, {"path"}, {"size"}, {"made_at"}};
constexpr Column target_columns[] = {{"name"}, {"bindings", "path"}, {"type"}, {"by_chance"}};

boost::json::object selection(const Call& call, std::uint64_t count) {
    boost::json::object match;
    for (const char* const name : {"header", "key", "body"}) {
        if (call.has(name)) {
            match[name] = call.value(name);
        }
    }
    return {{"destination", call.value("destination")}, {"count", count}, {"match", match}};
}

std::uint64_t number_of(const Call& call, const std::string& name) {
    const std::string& text = call.value(name);
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos) {
        throw bad_usage(call.command(), "Invalid options for this command:\n--" + name + " : " + text);
    }
    return std::stoull(text);
}

std::uint64_t number_in(const boost::json::value& answer, std::string_view field) {
    const boost::json::value& value = field_of(answer, field);
    return value.is_number() ? value.to_number<std::uint64_t>() : 0;
}

std::uint64_t ready_in(const Call& call, Api& api) {
    const auto queue = api.find(call.expand_target("/queues/{vhost}/{queue_name}?columns=messages_ready"));
    if (!queue) {
        throw ApiError(404, "not_found", call.expand("no queue '{queue_name}' in vhost '{vhost}'"));
    }
    return number_in(*queue, "messages_ready");
}

bool chooses(const Call& call) {
    return call.has("header") || call.has("key") || call.has("body");
}

// In steps, so that the bar moves; whatever ends it early, each message is in one queue. Where only some are wanted it
// is one step, because each looks through the queue from its head.
Output move_messages(const Call& call, Api& api) {
    const std::uint64_t ready = ready_in(call, api);
    const std::uint64_t wanted = call.has("count") ? number_of(call, "count") : ready;
    const std::uint64_t most = chooses(call) ? wanted : move_step;
    std::uint64_t moved = 0;
    while (moved < wanted) {
        const std::uint64_t step = std::min(most, wanted - moved);
        const std::uint64_t count =
            number_in(api.send(post, call.expand_target(move_path), selection(call, step)), "moved");
        moved += count;
        api.progress()->show(moved, std::min(wanted, ready));
        if (count < step) {
            break;
        }
    }
    return Line{"Moved " + std::to_string(moved) + " messages"};
}

Output copy_messages(const Call& call, Api& api) {
    const std::uint64_t wanted = call.has("count") ? number_of(call, "count") : ready_in(call, api);
    const boost::json::value answer = api.send(post, call.expand_target(copy_path), selection(call, wanted));
    return Line{"Copied " + std::to_string(number_in(answer, "moved")) + " messages"};
}

// The default exchange has no name; in a path it is amq.default.
std::string explain_target(const Call& call) {
    Call named = call;
    if (call.value("exchange").empty()) {
        named.set("exchange", "amq.default");
    }
    return named.expand_target(explain_path);
}

Output explain_routing(const Call& call, Api& api) {
    const boost::json::value headers = call.has("headers") ? parse_json(call.value("headers")) : boost::json::object();
    boost::json::value answer =
        api.send(post, explain_target(call), {{"routing_key", call.value("routing_key")}, {"headers", headers}});
    return Rows{chosen_columns(call), field_of(answer, "queues").as_array()};
}

// Without a name the broker makes one of the time.
Output back_up(const Call& call, Api& api) {
    const boost::json::value body = call.has("name") ? call.body("directory=name") : boost::json::object();
    const boost::json::value made = api.send(post, std::string(backup_path), body);
    return Line{"Backed up to " + string_of(made, "path")};
}

constexpr auto messages = std::to_array<Command>({
    {.group = Group::messages,
     .name = "copy",
     .usage = "[--vhost <vhost>] <queue_name> <destination> [--count <count>] [--header <name:value>] [--key <key>] "
              "[--body <text>]",
     .description = "Copies ready messages, all or chosen ones, to another queue",
     .heading = "Copying messages from queue '{queue_name}' to queue '{destination}' in vhost '{vhost}' ...",
     .missing = no_such_queue,
     .run = copy_messages,
     .is_long = true},
    {.group = Group::messages,
     .name = "explain",
     .usage = "[--vhost <vhost>] <exchange> <routing_key> [--headers <headers>] [<column> ...]",
     .description = "Says which queues a message with this key and these headers (JSON) would reach, by which bindings",
     .heading = "Explaining exchange '{exchange}' and key '{routing_key}' in vhost '{vhost}' ...",
     .missing = no_such_exchange,
     .columns = target_columns,
     .shown = "name bindings",
     .run = explain_routing},
    {.group = Group::messages,
     .name = "move",
     .usage = "[--vhost <vhost>] <queue_name> <destination> [--count <count>] [--header <name:value>] [--key <key>] "
              "[--body <text>]",
     .description = "Moves ready messages, all or chosen ones, to another queue",
     .heading = "Moving messages from queue '{queue_name}' to queue '{destination}' in vhost '{vhost}' ...",
     .missing = no_such_queue,
     .run = move_messages,
     .is_long = true},
    {.group = Group::messages,
     .name = "peek",
     .usage = "[--vhost <vhost>] <queue_name> [--offset <offset>] [--count <count>] [--header <name:value>] "
              "[--key <key>] [--body <text>] [--no-table-headers] [<column> ...]",
     .description = "Shows ready messages and leaves them as they are",
     .heading = "Peeking at queue '{queue_name}' in vhost '{vhost}' ...",
     .defaults = "offset=0 count=10",
     .request = {get, peek_path},
     .missing = no_such_queue,
     .columns = message_columns,
     .shown = "position exchange routing_key redelivered payload_bytes payload"},

    {.group = Group::definitions,
     .name = "backup",
     .usage = "[<name>]",
     .description = "Makes a backup on the broker's machine while the broker runs",
     .heading = "Backing up ...",
     .run = back_up,
     .is_long = true},
    {.group = Group::definitions,
     .name = "list_backups",
     .usage = "[--no-table-headers] [<column> ...]",
     .description = "Lists the backups on the broker's machine",
     .heading = "Listing backups ...",
     .request = {get, backup_path},
     .columns = backup_columns},
});

} // namespace

std::span<const Command> message_commands() {
    return messages;
}

} // namespace cli
