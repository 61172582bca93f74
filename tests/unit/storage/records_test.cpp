#include "storage/records.hpp"

#include <catch2/catch.hpp>

namespace storage {
namespace {

const VirtualHostRecord virtual_host{"/", 7, "the \"default\" one", {"a", ""}, "quorum", true, false};
const UserRecord user{"guest",
                      "c2FsdA==",
                      "rabbit_password_hashing_sha256",
                      {"administrator"},
                      {{"max-channels", -1}, {"max-connections", 1'000'000'000'000}}};
const PermissionRecord permission{"guest", "/", ".*", "", "^a"};
const TopicPermissionRecord topic_permission{"guest", "/", "amq.topic", "^a", ".*"};
const ExchangeRecord exchange{std::string("e\0x", 3), "x-delayed-message", true, false,
                              "\x01k"
                              "t\x01"};
const QueueRecord queue{"q", 0x0102030405060708, false, true, std::string(300, 'a')};
const BindingRecord binding{"amq.direct", "q", DestinationType::queue, "key", "arguments"};
const PolicyRecord policy{"p", "^q", "queues", -3, "definition", true};
const ParameterRecord parameter{"shovel", "s", "{}"};

// The fields of a record are what its encoding says: equal bytes are equal records.
template <class Record>
void check_record(const Record& record) {
    const std::string bytes = encode_record(record);
    const auto decoded = decode_record<Record>(bytes);
    REQUIRE(decoded.has_value());
    CHECK(encode_record(*decoded) == bytes);
    CHECK(key_of(*decoded) == key_of(record));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CAPTURE(size);
        CHECK_FALSE(decode_record<Record>(bytes.substr(0, size)).has_value());
    }
    CHECK_FALSE(decode_record<Record>(bytes + '\0').has_value());
    std::string newer = bytes;
    newer[0] = 2;
    const auto refused = decode_record<Record>(newer);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().text == "stored record has version 2, not 1");
}

TEST_CASE("records: every record survives, cut short anywhere it is refused", "[storage][records]") {
    check_record(virtual_host);
    check_record(user);
    check_record(permission);
    check_record(topic_permission);
    check_record(exchange);
    check_record(queue);
    check_record(binding);
    check_record(policy);
    check_record(parameter);
    check_record(GlobalParameterRecord{"cluster_name", "\"c\""});
    check_record(LimitRecord{"max-queues", 7});
}

TEST_CASE("records: fields come back as they were", "[storage][records]") {
    const auto host = *decode_record<VirtualHostRecord>(encode_record(virtual_host));
    CHECK(host.name == "/");
    CHECK(host.shard == 7);
    CHECK(host.tags == virtual_host.tags);
    CHECK(host.default_queue_type == "quorum");
    CHECK(host.tracing);
    CHECK_FALSE(host.protected_from_deletion);
    CHECK(decode_record<UserRecord>(encode_record(user))->limits == user.limits);
    const auto q = *decode_record<QueueRecord>(encode_record(queue));
    CHECK(q.id == queue.id);
    CHECK(q.exclusive);
    CHECK_FALSE(q.auto_delete);
    const auto b = *decode_record<BindingRecord>(encode_record(binding));
    CHECK(b.source == "amq.direct");
    CHECK(b.destination == "q");
    CHECK(b.destination_type == DestinationType::queue);
    CHECK(b.routing_key == "key");
    CHECK(b.arguments == "arguments");
    const auto p = *decode_record<PolicyRecord>(encode_record(policy));
    CHECK(p.name == "p");
    CHECK(p.pattern == "^q");
    CHECK(p.apply_to == "queues");
    CHECK(p.priority == -3);
    CHECK(p.definition == "definition");
    CHECK(p.operators);
    const auto shovel = *decode_record<ParameterRecord>(encode_record(parameter));
    CHECK(shovel.component == "shovel");
    CHECK(shovel.name == "s");
    CHECK(shovel.value == "{}");
    CHECK(decode_record<GlobalParameterRecord>(encode_record(GlobalParameterRecord{"n", "1"}))->value == "1");
    CHECK(decode_record<LimitRecord>(encode_record(LimitRecord{"max-queues", -1}))->value == -1);
}

TEST_CASE("records: lengths, counts and enumerations that cannot be are refused", "[storage][records]") {
    struct Row {
        const char* name;
        std::string bytes;
    };
    const std::string endless(10, '\xff');
    const Row rows[] = {
        {"empty", ""},
        {"name longer than the record", std::string("\x01") + "\x7f"
                                                              "abc"},
        {"length of more than 64 bits", "\x01" + endless},
        {"more tags than octets", std::string("\x01\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\x0f", 12)},
        {"bool that is neither", std::string("\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00", 11)},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK_FALSE(decode_record<VirtualHostRecord>(row.bytes).has_value());
    }
    std::string bytes = encode_record(BindingRecord{});
    bytes[3] = 2;
    CHECK_FALSE(decode_record<BindingRecord>(bytes).has_value());
}

TEST_CASE("records: names never run together in a key", "[storage][records]") {
    const auto key = [](std::string of_user, std::string of_vhost) {
        return key_of(PermissionRecord{std::move(of_user), std::move(of_vhost), "", "", ""});
    };
    CHECK(key("ab", "c") != key("a", "bc"));
    CHECK(key(std::string("a\0b", 3), "c") != key("a", std::string("b\0c", 3)));
    BindingRecord to_exchange = binding;
    to_exchange.destination_type = DestinationType::exchange;
    CHECK(key_of(binding) != key_of(to_exchange));
    BindingRecord other_arguments = binding;
    other_arguments.arguments = "";
    CHECK(key_of(binding) != key_of(other_arguments));
    PolicyRecord of_users = policy;
    of_users.operators = false;
    CHECK(key_of(policy) != key_of(of_users));
    CHECK(key_of(ParameterRecord{"ab", "c", ""}) != key_of(ParameterRecord{"a", "bc", ""}));
}

} // namespace
} // namespace storage
