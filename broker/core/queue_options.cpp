#include "broker/core/queue_options.hpp"

#include "broker/core/queue_arguments.hpp"

#include <fmt/format.h>

namespace broker {

namespace {

amqp::Error invalid_argument(std::string_view argument, std::string_view queue, std::string_view vhost,
                             std::string_view reason) {
    return amqp::precondition_failed(
        fmt::format("invalid arg '{}' for queue '{}' in vhost '{}'{}", argument, queue, vhost, reason));
}

amqp::Error invalid_property(std::string_view property, std::string_view queue, std::string_view vhost) {
    return amqp::precondition_failed(
        fmt::format("invalid property '{}' for queue '{}' in vhost '{}'", property, queue, vhost));
}

} // namespace

std::string_view name(QueueType type) {
    return type == QueueType::quorum ? "quorum" : "classic";
}

amqp::Result<QueueOptions> parse_queue_options(const amqp::FieldTable& arguments, std::string_view queue,
                                               std::string_view vhost) {
    QueueOptions options;
    // The type comes first: it decides which of the others count.
    if (const amqp::FieldValue* type = arguments.find(queue_type_argument)) {
        if (const Refusal refusal = parse_queue_type(*type, arguments, options)) {
            return invalid_argument(queue_type_argument, queue, vhost, ": " + *refusal);
        }
    }
    for (const QueueArgument& argument : queue_arguments()) {
        const amqp::FieldValue* value = arguments.find(argument.name);
        if (value == nullptr || argument.parse == nullptr || !argument.known_to(options.type)) {
            continue;
        }
        if (const Refusal refusal = argument.parse(*value, arguments, options)) {
            return invalid_argument(argument.name, queue, vhost, ": " + *refusal);
        }
    }
    for (const auto& [key, value] : arguments) {
        const QueueArgument* argument = find_queue_argument(key);
        if (argument != nullptr && !argument->known_to(options.type)) {
            return invalid_argument(key, queue, vhost,
                                    fmt::format(" of queue type rabbit_{}_queue", name(options.type)));
        }
    }
    return options;
}

amqp::Result<> check_queue_properties(QueueType type, const QueueProperties& properties, std::string_view queue,
                                      std::string_view vhost) {
    if (type == QueueType::classic) {
        return {};
    }
    if (properties.auto_delete) {
        return invalid_property("auto-delete", queue, vhost);
    }
    if (properties.exclusive) {
        return invalid_property("exclusive-owner", queue, vhost);
    }
    if (!properties.durable) {
        return invalid_property("non-durable", queue, vhost);
    }
    return {};
}

} // namespace broker
