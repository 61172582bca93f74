#include "broker/core/equivalence.hpp"

#include "broker/core/queue_arguments.hpp"

#include <fmt/format.h>

#include <string>

namespace broker {

namespace {

using amqp::FieldValue;

// Collects the first difference between two declarations of one thing.
class Comparison {
 public:
    Comparison(std::string_view kind, std::string_view name, std::string_view vhost)
        : kind_(kind),
          name_(name),
          vhost_(vhost) {}

    void compare(std::string_view property, bool received, bool current) {
        if (received != current) {
            differs(property, received ? "'true'" : "'false'", current ? "'true'" : "'false'");
        }
    }
    void compare(std::string_view property, std::string_view received, std::string_view current) {
        if (received != current) {
            differs(property, plain(received), plain(current));
        }
    }
    // Null: the argument is absent.
    void compare(std::string_view argument, const FieldValue* received, const FieldValue* current) {
        if (received != nullptr && current != nullptr) {
            if (!equivalent(*received, *current)) {
                differs(argument, plain(received->to_text()), plain(current->to_text()));
            }
        } else if (received != current) {
            differs(argument, typed(received), typed(current));
        }
    }

    amqp::Result<> result() const {
        return difference_.empty() ? amqp::Result<>() : amqp::precondition_failed(difference_);
    }

 private:
    static std::string plain(std::string_view value) { return fmt::format("'{}'", value); }
    static std::string typed(const FieldValue* value) {
        return value == nullptr ? "none"
                                : fmt::format("the value '{}' of type '{}'", value->to_text(), value->type_name());
    }

    void differs(std::string_view what, std::string_view received, std::string_view current) {
        if (difference_.empty()) {
            difference_ = fmt::format("inequivalent arg '{}' for {} '{}' in vhost '{}': received {} but current is {}",
                                      what, kind_, name_, vhost_, received, current);
        }
    }

    std::string_view kind_;
    std::string_view name_;
    std::string_view vhost_;
    std::string difference_;
};

const FieldValue& type_of(const amqp::FieldTable& arguments) {
    static const FieldValue classic{std::string_view("classic")};
    const FieldValue* type = arguments.find(queue_type_argument);
    return type != nullptr ? *type : classic;
}

} // namespace

amqp::Result<> check_equivalent(const QueueDeclaration& received, const QueueDeclaration& current,
                                std::string_view queue, std::string_view vhost) {
    Comparison comparison("queue", queue, vhost);
    comparison.compare("durable", received.durable, current.durable);
    comparison.compare("auto_delete", received.auto_delete, current.auto_delete);
    const FieldValue& type = type_of(current.arguments);
    const bool quorum = type.as_string() != nullptr && *type.as_string() == name(QueueType::quorum);
    for (const QueueArgument& argument : queue_arguments()) {
        if (argument.name == queue_type_argument) {
            comparison.compare(argument.name, &type_of(received.arguments), &type);
        } else if (argument.known_to(quorum ? QueueType::quorum : QueueType::classic)) {
            comparison.compare(argument.name, received.arguments.find(argument.name),
                               current.arguments.find(argument.name));
        }
    }
    return comparison.result();
}

amqp::Result<> check_equivalent(const ExchangeDeclaration& received, const ExchangeDeclaration& current,
                                std::string_view exchange, std::string_view vhost) {
    Comparison comparison("exchange", exchange, vhost);
    comparison.compare("type", received.type, current.type);
    comparison.compare("durable", received.durable, current.durable);
    comparison.compare("auto_delete", received.auto_delete, current.auto_delete);
    comparison.compare("internal", received.internal, current.internal);
    constexpr std::string_view alternate = "alternate-exchange";
    comparison.compare(alternate, received.arguments.find(alternate), current.arguments.find(alternate));
    return comparison.result();
}

} // namespace broker
