// Whether a declaration fits the queue or exchange that is there already. Arguments compare by RabbitMQ's classes of
// types, so that 10 sent as an int and 10 sent as a long are the same. Pure functions; the errors are RabbitMQ's
// PRECONDITION_FAILED `inequivalent arg ...`.
#pragma once

#include "protocol/error.hpp"
#include "protocol/field_table.hpp"

#include <string_view>

namespace broker {

// What of a queue must be the same. Durable as it is kept: an exclusive queue never is.
struct QueueDeclaration {
    bool durable = false;
    bool auto_delete = false;
    const amqp::FieldTable& arguments;
};

// In this order: durable, auto_delete, then the arguments that the current queue's type knows. No x-queue-type is the
// classic one; arguments that nobody knows may differ.
amqp::Result<> check_equivalent(const QueueDeclaration& received, const QueueDeclaration& current,
                                std::string_view queue, std::string_view vhost);

struct ExchangeDeclaration {
    std::string_view type;
    bool durable = false;
    bool auto_delete = false;
    bool internal = false;
    const amqp::FieldTable& arguments;
};

// In this order: type, durable, auto_delete, internal, alternate-exchange. Other arguments may differ.
amqp::Result<> check_equivalent(const ExchangeDeclaration& received, const ExchangeDeclaration& current,
                                std::string_view exchange, std::string_view vhost);

} // namespace broker
