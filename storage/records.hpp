// The metadata records and their encoding, alike in every engine: one version octet, then fields in order
// (docs/STORAGE_FORMAT.md). Decoding treats stored bytes as hostile input: it fails, it never trusts a length.
#pragma once

#include "protocol/error.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace storage {

struct VirtualHostRecord {
    std::string name;
    ShardId shard = 0;
    std::string description;
    std::vector<std::string> tags;
    std::string default_queue_type;
    bool tracing = false;
    bool protected_from_deletion = false;
};

struct UserRecord {
    std::string name;
    std::string password_hash; // as RabbitMQ exports it (base64 of salt and digest), or an argon2 PHC string, or empty
    std::string hashing_algorithm;
    std::vector<std::string> tags;
    std::map<std::string, std::int64_t> limits;
};

struct PermissionRecord { // key: user, vhost (each behind its length)
    std::string user, virtual_host, configure, write, read;
};

struct TopicPermissionRecord { // key: user, vhost, exchange (each behind its length)
    std::string user, virtual_host, exchange, write, read;
};

struct ExchangeRecord {
    std::string name, type;
    bool auto_delete = false;
    bool internal = false;
    std::string arguments;  // encoded field table, as received
    QueueId kept_queue = 0; // of messages that the exchange itself keeps; 0: none
};

struct QueueRecord {
    std::string name;
    QueueId id = 0;
    bool auto_delete = false;
    bool exclusive = false;
    std::string arguments; // encoded field table
};

enum class DestinationType : std::uint8_t { queue = 0, exchange = 1 };

struct BindingRecord {
    std::string source, destination;
    DestinationType destination_type = DestinationType::queue;
    std::string routing_key;
    std::string arguments; // encoded field table
};

struct PolicyRecord { // key: name; of policies and of operator policies
    std::string name, pattern, apply_to;
    std::int64_t priority = 0;
    std::string definition; // encoded field table
    bool operators = false;
};

struct ParameterRecord { // key: component, name (each behind its length)
    std::string component, name;
    std::string value; // JSON
};

struct GlobalParameterRecord {
    std::string name;
    std::string value; // JSON
};

struct LimitRecord { // of a virtual host: max-connections, max-queues
    std::string name;
    std::int64_t value = 0; // negative: none
};

// Record <-> value bytes, and the record's key. decode fails with a plain text for the log.
template <class Record>
std::string encode_record(const Record& record);
template <class Record>
amqp::Result<Record> decode_record(std::string_view value);

// At start, where there is nobody to answer: std::runtime_error names the record.
template <class Record>
Record decode_or_throw(const RecordKey& key, std::string_view value) {
    auto record = decode_record<Record>(value);
    if (record.has_error()) {
        throw std::runtime_error("the record '" + key.name + "' is damaged: " + record.error().text);
    }
    return std::move(*record);
}

RecordKey key_of(const VirtualHostRecord&);
RecordKey key_of(const UserRecord&);
RecordKey key_of(const PermissionRecord&);
RecordKey key_of(const TopicPermissionRecord&);
RecordKey key_of(const ExchangeRecord&);
RecordKey key_of(const QueueRecord&);
RecordKey key_of(const BindingRecord&);
RecordKey key_of(const PolicyRecord&);
RecordKey key_of(const ParameterRecord&);
RecordKey key_of(const GlobalParameterRecord&);
RecordKey key_of(const LimitRecord&);

} // namespace storage
