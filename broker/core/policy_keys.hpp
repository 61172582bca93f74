// The table of what a policy's definition can say: how a value is checked, who may set it, which queues know it, and
// what happens when it is said twice. One table for validation, matching and merging.
#pragma once

#include "broker/core/queue_options.hpp"
#include "protocol/field_table.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace broker {

// Of the values of a user's and an operator's policy for one key.
enum class Merge : std::uint8_t {
    none,           // operators cannot set it
    minimum,        //
    operators,      // theirs counts
    delivery_limit, // the minimum, but a negative one is no limit, so then the other
};

struct PolicyKey {
    std::string_view name;
    bool (*accepts)(const amqp::FieldValue& value);
    std::string_view meaning; // as refusals call it: "... is not a valid message TTL"
    Merge merge;
    // RabbitMQ leaves a whole policy out for queues of a type that does not know one of its keys.
    bool classic, quorum;
    // Lays the value over what the arguments say: an argument counts before a policy, of two limits the smaller one.
    // Null: nothing that concerns a queue.
    void (*apply)(const amqp::FieldValue& value, QueueOptions& options);

    bool known_to(QueueType type) const { return type == QueueType::classic ? classic : quorum; }
};

std::span<const PolicyKey> policy_keys();
const PolicyKey* find_policy_key(std::string_view name);

} // namespace broker
