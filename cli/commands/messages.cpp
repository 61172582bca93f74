// What Leveret has beyond RabbitMQ: looking at messages, moving them, asking where one would go, a backup while it runs.
// These paths are Leveret's own; they stand nowhere else.
#include "cli/commands/tables.hpp"

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

constexpr Missing no_such_queue{ExitCode::usage, "Queue not found"};
constexpr Missing no_such_exchange{ExitCode::usage, "Exchange not found"};
constexpr Column message_columns[] = {{"exchange"},         {"routing_key"}, {"redelivered"}, {"payload_bytes"},
                                      {"payload_encoding"}, {"properties"},  {"payload"},     {"headers", "properties.headers"}};
constexpr Column target_columns[] = {{"name"}, {"bindings", {}, Form::json}};

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

std::uint64_t moved(const boost::json::value& answer, std::string_view field) {
    const boost::json::value& value = field_of(answer, field);
    return value.is_number() ? value.to_number<std::uint64_t>() : 0;
}

// In steps, so that the bar moves; whatever ends it early, each message is in one queue.
Output move_messages(const Call& call, Api& api) {
    const boost::json::value queue = api.get(call.expand_target("/queues/{vhost}/{queue_name}"));
    const auto ready = field_of(queue, "messages_ready").to_number<std::uint64_t>();
    const std::uint64_t wanted = call.has("count") ? number_of(call, "count") : ready;
    std::uint64_t done = 0;
    while (done < wanted) {
        const std::uint64_t step = std::min(move_step, wanted - done);
        const std::uint64_t count = moved(api.send(post, call.expand_target(move_path), selection(call, step)), "moved");
        done += count;
        api.progress()->show(done, std::min(wanted, ready));
        if (count < step) {
            break;
        }
    }
    return Line{"Moved " + std::to_string(done) + " messages"};
}

Output copy_messages(const Call& call, Api& api) {
    const boost::json::value queue = api.get(call.expand_target("/queues/{vhost}/{queue_name}"));
    const auto ready = field_of(queue, "messages_ready").to_number<std::uint64_t>();
    const std::uint64_t wanted = call.has("count") ? number_of(call, "count") : ready;
    const boost::json::value answer = api.send(post, call.expand_target(copy_path), selection(call, wanted));
    return Line{"Copied " + std::to_string(moved(answer, "moved") + moved(answer, "copied")) + " messages"};
}

Output explain_routing(const Call& call, Api& api) {
    const boost::json::value headers = call.has("headers") ? parse_json(call.value("headers")) : boost::json::object();
    boost::json::value answer = api.send(post, call.expand_target(explain_path),
                                         {{"routing_key", call.value("routing_key")}, {"headers", headers}});
    return Rows{{std::begin(target_columns), std::end(target_columns)}, field_of(answer, "queues").as_array()};
}

constexpr auto messages = std::to_array<Command>({
    {.group = Group::messages, .name = "copy",
     .usage = "[--vhost <vhost>] <queue_name> <destination> [--count <count>] [--header <name:value>] [--key <key>] "
              "[--body <text>]",
     .description = "Copies ready messages, all or chosen ones, to another queue",
     .heading = "Copying messages from queue '{queue_name}' to queue '{destination}' in vhost '{vhost}' ...",
     .missing = no_such_queue, .run = copy_messages, .is_long = true},
    {.group = Group::messages, .name = "explain",
     .usage = "[--vhost <vhost>] <exchange> <routing_key> [--headers <headers>]",
     .description = "Says which queues a message with this key and these headers (JSON) would reach, by which bindings",
     .heading = "Explaining exchange '{exchange}' and key '{routing_key}' in vhost '{vhost}' ...",
     .missing = no_such_exchange, .columns = target_columns, .run = explain_routing},
    {.group = Group::messages, .name = "move",
     .usage = "[--vhost <vhost>] <queue_name> <destination> [--count <count>] [--header <name:value>] [--key <key>] "
              "[--body <text>]",
     .description = "Moves ready messages, all or chosen ones, to another queue",
     .heading = "Moving messages from queue '{queue_name}' to queue '{destination}' in vhost '{vhost}' ...",
     .missing = no_such_queue, .run = move_messages, .is_long = true},
    {.group = Group::messages, .name = "peek",
     .usage = "[--vhost <vhost>] <queue_name> [--offset <offset>] [--count <count>] [--header <name:value>] "
              "[--key <key>] [--body <text>] [--no-table-headers] [<column> ...]",
     .description = "Shows ready messages and leaves them as they are",
     .heading = "Peeking at queue '{queue_name}' in vhost '{vhost}' ...", .defaults = "offset=0 count=10",
     .request = {get, peek_path}, .missing = no_such_queue, .columns = message_columns,
     .shown = "exchange routing_key redelivered payload_bytes payload"},

    {.group = Group::definitions, .name = "backup", .usage = "<name>",
     .description = "Makes a backup under this name while the broker runs", .heading = "Backing up to \"{name}\" ...",
     .request = {post, backup_path, "name=name"}, .result = "Backup \"{name}\" is complete", .is_long = true},
});

} // namespace

std::span<const Command> message_commands() {
    return messages;
}

} // namespace cli
