// One record of every kind, and pages, rows and log values without the checksum that the target puts behind them.
#include "protocol/field_table.hpp"
#include "protocol/properties.hpp"
#include "storage/records.hpp"
#include "storage/rocksdb/log_codec.hpp"
#include "storage/rocksdb/page_codec.hpp"
#include "storage/rocksdb/row_codec.hpp"
#include "tests/fuzz/seeds.hpp"

#include <string>
#include <vector>

using namespace storage;

namespace {

constexpr std::size_t checksum_size = 4;

std::string behind(char kind, std::string_view value) {
    return kind + std::string(value);
}

std::string joined(std::span<const std::string_view> pieces) {
    std::string value;
    for (const std::string_view piece : pieces) {
        value.append(piece);
    }
    return value;
}

void add_records(const Corpus& corpus) {
    const std::string arguments = amqp::FieldTable{{"x-max-length", 3}}.encode();
    char kind = 0;
    const auto add = [&](std::string_view name, const auto& record) {
        corpus.add("stored_records", name, behind(kind++, encode_record(record)));
    };
    add("virtual-host", VirtualHostRecord{.name = "/", .shard = 1, .description = "text", .tags = {"a", "b"}});
    add("user",
        UserRecord{"guest", "hash", "rabbit_password_hashing_sha256", {"administrator"}, {{"max-channels", 5}}});
    add("permission", PermissionRecord{"guest", "/", ".*", "^w", ""});
    add("topic-permission", TopicPermissionRecord{"guest", "/", "amq.topic", "^{username}", ".*"});
    add("exchange", ExchangeRecord{.name = "exchange", .type = "topic", .arguments = arguments});
    add("queue", QueueRecord{.name = "queue", .id = 9, .exclusive = true, .arguments = arguments});
    add("binding", BindingRecord{"exchange", "queue", DestinationType::queue, "a.#", arguments});
    add("policy", PolicyRecord{"policy", "^q", "queues", 7, arguments, true});
    add("parameter", ParameterRecord{"shovel", "name", R"({"src-uri":"amqp://"})"});
    add("global-parameter", GlobalParameterRecord{"cluster_name", "\"leveret\""});
    add("limit", LimitRecord{"max-queues", -1});
}

std::vector<StoredMessage> messages() {
    const std::string properties = amqp::BasicProperties{.delivery_mode = std::uint8_t{2}}.encode();
    const auto message = amqp::Message::make("exchange", "key", properties, "a body");
    const auto dead = amqp::Message::make("exchange", "key", properties, std::string(300, 'x'), 2);
    return {{.sequence = 100, .published_at_ms = 5, .message = message},
            {.sequence = 101, .published_at_ms = 4, .expires_at_ms = 70, .redelivered = true, .message = message},
            {.sequence = 107, .published_at_ms = 6, .delivery_count = 3, .message = dead}};
}

} // namespace

void add_storage_seeds(const Corpus& corpus) {
    add_records(corpus);

    const auto stored = messages();
    const PageKey key{7, 100};
    const auto add = [&](std::string_view name, char kind, std::string value) {
        value.resize(value.size() - checksum_size);
        corpus.add("stored_messages", name, behind(kind, value));
    };
    const std::vector<const StoredMessage*> entries{&stored[0], &stored[1], &stored[2]};
    PageEncoder page;
    add("page", 0, joined(page.encode(key, entries)));

    LogEncoder log;
    log.begin(first_sequence(3) + 5, 1'000);
    log.append(7, stored[0]);
    log.append(8, stored[1]);
    log.append(8, stored[2]);
    log.settled(7, 100, 1);
    log.redelivered(8, 107, 4);
    log.delivered(8, 107);
    add("log", 1, joined(log.finish()));

    add("queue-row", 2, encode_queue_row({7, 100, 107, 3, 312, 101}));
    PageAcks acks;
    acks.settled.resize(19);
    acks.settled[3] = true;
    acks.redelivered = {{5, 2}};
    add("ack-row", 3, encode_ack_row(key, 19, acks));
}
