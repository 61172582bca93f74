// The table of the x-arguments of queue.declare: which queue types know them and how a value is checked. One table for
// parsing and for the comparison of a re-declaration.
#pragma once

#include "broker/core/queue_options.hpp"
#include "protocol/field_table.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

// Why a value is refused, as RabbitMQ prints it; nothing if it is fine.
using Refusal = std::optional<std::string>;

struct QueueArgument {
    std::string_view name;
    bool classic;
    bool quorum;
    // Checks a value and stores it. Null: nothing to check, no effect.
    Refusal (*parse)(const amqp::FieldValue& value, const amqp::FieldTable& arguments, QueueOptions& options);
    bool fixed = false; // for the life of a queue

    bool known_to(QueueType type) const { return type == QueueType::classic ? classic : quorum; }
};

inline constexpr std::string_view queue_type_argument = "x-queue-type";

std::span<const QueueArgument> queue_arguments(); // in the order in which RabbitMQ checks them
const QueueArgument* find_queue_argument(std::string_view name);

// Some of a queue's arguments, to be set or taken away.
struct ArgumentChange {
    amqp::FieldTable set;
    std::vector<std::string> erase;
};
struct ChangedArguments {
    amqp::FieldTable before, after;
};
// The arguments with the change. PRECONDITION_FAILED: nobody knows one of them, or it cannot change.
amqp::Result<amqp::FieldTable> changed_arguments(amqp::FieldTable arguments, const ArgumentChange& change,
                                                 std::string_view queue, std::string_view vhost);

Refusal parse_queue_type(const amqp::FieldValue& value, const amqp::FieldTable& arguments, QueueOptions& options);

} // namespace broker
