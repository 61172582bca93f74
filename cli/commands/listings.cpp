// What list_queues and its like show: rabbitmqctl's columns, and the fields of the HTTP API that they are.
#include "cli/commands/tables.hpp"

#include <array>

namespace cli {
namespace {

using enum Verb;

// There are no processes to name: a pid is the name of what it stands for, so that it can be given to close_connection.
constexpr Column queue_columns[] = {
    {"name"}, {"durable"}, {"auto_delete"}, {"arguments"}, {"policy"}, {"operator_policy"},
    {"effective_policy_definition", {}, Form::json}, {"pid", "node"}, {"owner_pid", "owner_pid_details.name"},
    {"exclusive"}, {"exclusive_consumer_pid", "", Form::constant}, {"exclusive_consumer_tag"},
    {"single_active_consumer_tag"}, {"messages_ready"}, {"messages_unacknowledged"}, {"messages"},
    {"messages_ready_ram"}, {"messages_unacknowledged_ram"}, {"messages_ram"}, {"messages_persistent"},
    {"message_bytes"}, {"message_bytes_ready"}, {"message_bytes_unacknowledged"}, {"message_bytes_ram"},
    {"message_bytes_persistent"}, {"head_message_timestamp"}, {"disk_reads", "message_stats.disk_reads"},
    {"disk_writes", "message_stats.disk_writes"}, {"consumers"}, {"consumer_utilisation"}, {"consumer_capacity"},
    {"memory"}, {"slave_pids", "", Form::constant}, {"synchronised_slave_pids", "", Form::constant}, {"state"},
    {"type"}, {"storage_version"}, {"leader", "node"}, {"members", "node", Form::names},
    {"online", "node", Form::names}, {"idle_since"}, {"vhost"}};

constexpr Column exchange_columns[] = {{"name"},     {"type"},      {"durable"}, {"auto_delete"},
                                       {"internal"}, {"arguments"}, {"policy"},  {"vhost"}};

constexpr Column binding_columns[] = {{"source_name", "source"},
                                      {"source_kind", "exchange", Form::constant},
                                      {"destination_name", "destination"},
                                      {"destination_kind", "destination_type"},
                                      {"routing_key"},
                                      {"arguments"},
                                      {"vhost"}};

constexpr Column connection_columns[] = {
    {"pid", "name"}, {"name"}, {"node"}, {"port"}, {"host"}, {"peer_port"}, {"peer_host"}, {"ssl"}, {"ssl_protocol"},
    {"ssl_key_exchange"}, {"ssl_cipher"}, {"ssl_hash"}, {"peer_cert_subject"}, {"peer_cert_issuer"},
    {"peer_cert_validity"}, {"state"}, {"channels"}, {"protocol", {}, Form::protocol}, {"auth_mechanism"}, {"user"},
    {"vhost"}, {"timeout"}, {"frame_max"}, {"channel_max"}, {"client_properties"}, {"user_provided_name"},
    {"recv_oct"}, {"recv_cnt"}, {"send_oct"}, {"send_cnt"}, {"send_pend"}, {"connected_at"}};

constexpr Column channel_columns[] = {
    {"pid", "name"}, {"connection", "connection_details.name"}, {"name"}, {"number"}, {"user"}, {"vhost"},
    {"transactional"}, {"confirm"}, {"consumer_count"}, {"messages_unacknowledged"}, {"messages_uncommitted"},
    {"acks_uncommitted"}, {"messages_unconfirmed"}, {"prefetch_count"}, {"global_prefetch_count"}, {"state"}};

constexpr Column consumer_columns[] = {
    {"queue_name", "queue.name"}, {"channel_pid", "channel_details.name"}, {"consumer_tag"}, {"ack_required"},
    {"prefetch_count"}, {"active"}, {"activity_status"}, {"arguments"}, {"exclusive"}};

constexpr auto listings = std::to_array<Command>({
    {.group = Group::monitoring, .name = "list_bindings",
     .usage = "[--vhost <vhost>] [--no-table-headers] [<column> ...]",
     .description = "Lists all bindings of a virtual host", .heading = "Listing bindings for vhost {vhost}...",
     .request = {get, "/bindings/{vhost}"}, .columns = binding_columns,
     .shown = "source_name source_kind destination_name destination_kind routing_key arguments", .narrow = true},
    {.group = Group::monitoring, .name = "list_channels", .usage = "[--no-table-headers] [<column> ...]",
     .description = "Lists channels", .heading = "Listing channels ...", .request = {get, "/channels"},
     .columns = channel_columns, .shown = "pid user consumer_count messages_unacknowledged", .narrow = true},
    {.group = Group::monitoring, .name = "list_connections", .usage = "[--no-table-headers] [<column> ...]",
     .description = "Lists AMQP connections", .heading = "Listing connections ...", .request = {get, "/connections"},
     .columns = connection_columns, .shown = "user peer_host peer_port state", .narrow = true},
    {.group = Group::monitoring, .name = "list_consumers",
     .usage = "[--vhost <vhost>] [--no-table-headers] [<column> ...]",
     .description = "Lists the consumers of a virtual host", .heading = "Listing consumers in vhost {vhost} ...",
     .request = {get, "/consumers/{vhost}"}, .columns = consumer_columns,
     .shown = "queue_name channel_pid consumer_tag ack_required prefetch_count active arguments"},
    {.group = Group::monitoring, .name = "list_exchanges",
     .usage = "[--vhost <vhost>] [--no-table-headers] [<column> ...]",
     .description = "Lists exchanges", .heading = "Listing exchanges for vhost {vhost} ...",
     .request = {get, "/exchanges/{vhost}"}, .columns = exchange_columns, .shown = "name type", .narrow = true},
    {.group = Group::monitoring, .name = "list_queues",
     .usage = "[--vhost <vhost>] [--online] [--local] [--no-table-headers] [<column> ...]",
     .description = "Lists queues and their properties",
     .heading = "Timeout: {timeout}.0 seconds ...\nListing queues for vhost {vhost} ...",
     .request = {get, "/queues/{vhost}"}, .columns = queue_columns, .shown = "name messages", .narrow = true},
});

} // namespace

std::span<const Command> listing_commands() {
    return listings;
}

} // namespace cli
