#include "broker/core/queue_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace broker {

namespace {

using amqp::FieldTable;
using amqp::FieldValue;

Refusal unacceptable_type(const FieldValue& value) {
    return fmt::format("{{unacceptable_type,{}}}", value.type_name());
}

// The checks of integers store the value where `number` says only if there is no refusal.

Refusal check_integer(const FieldValue& value, std::int64_t& number) {
    const std::optional<std::int64_t> integer = value.as_integer();
    if (!integer) {
        return fmt::format("\"expected integer, got {}\"", value.type_name());
    }
    number = *integer;
    return std::nullopt;
}

Refusal check_not_negative(const FieldValue& value, std::int64_t& number) {
    std::int64_t integer = 0;
    if (Refusal refusal = check_integer(value, integer)) {
        return refusal;
    }
    if (integer < 0) {
        return fmt::format("{{value_negative,{}}}", integer);
    }
    number = integer;
    return std::nullopt;
}

Refusal check_expiry(const FieldValue& value, std::int64_t& number) {
    std::int64_t integer = 0;
    if (Refusal refusal = check_not_negative(value, integer)) {
        return refusal;
    }
    if (integer > max_expiry_ms) {
        return fmt::format("{{value_too_large,{}}}", integer);
    }
    number = integer;
    return std::nullopt;
}

template <std::optional<std::int64_t> QueueOptions::*option>
Refusal parse_not_negative(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    std::int64_t number = 0;
    Refusal refusal = check_not_negative(value, number);
    if (!refusal) {
        options.*option = number;
    }
    return refusal;
}

Refusal check_only_not_negative(const FieldValue& value, const FieldTable&, QueueOptions&) {
    std::int64_t number = 0;
    return check_not_negative(value, number);
}

Refusal check_only_positive(const FieldValue& value, const FieldTable&, QueueOptions&) {
    std::int64_t number = 0;
    Refusal refusal = check_not_negative(value, number);
    return refusal || number > 0 ? refusal : Refusal("{value_zero,0}");
}

// A choice among names.
template <class Choice>
struct Named {
    std::string_view name;
    Choice choice;
};

template <class Choice, std::size_t count>
Refusal check_choice(const FieldValue& value, const Named<Choice> (&choices)[count], std::string_view refusal,
                     Choice& chosen) {
    const std::string* text = value.as_string();
    if (text == nullptr) {
        return unacceptable_type(value);
    }
    const auto found =
        std::find_if(std::begin(choices), std::end(choices), [&](const auto& choice) { return choice.name == *text; });
    if (found == std::end(choices)) {
        return std::string(refusal);
    }
    chosen = found->choice;
    return std::nullopt;
}

Refusal parse_expires(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    std::int64_t number = 0;
    if (Refusal refusal = check_expiry(value, number)) {
        return refusal;
    }
    if (number == 0) {
        return "{value_zero,0}";
    }
    options.expires_ms = number;
    return std::nullopt;
}

Refusal parse_message_ttl(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    std::int64_t number = 0;
    Refusal refusal = check_expiry(value, number);
    if (!refusal) {
        options.message_ttl_ms = number;
    }
    return refusal;
}

Refusal parse_dead_letter_exchange(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    const std::string* exchange = value.as_string();
    if (exchange == nullptr) {
        return unacceptable_type(value);
    }
    options.dead_letter_exchange = *exchange;
    return std::nullopt;
}

Refusal parse_dead_letter_routing_key(const FieldValue& value, const FieldTable& arguments, QueueOptions& options) {
    const std::string* key = value.as_string();
    if (key == nullptr) {
        return unacceptable_type(value);
    }
    if (!arguments.contains("x-dead-letter-exchange")) {
        return "routing_key_but_no_dlx_defined";
    }
    options.dead_letter_routing_key = *key;
    return std::nullopt;
}

Refusal parse_dead_letter_strategy(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    static constexpr Named<DeadLetterStrategy> strategies[] = {
        {"at-most-once", DeadLetterStrategy::at_most_once},
        {"at-least-once", DeadLetterStrategy::at_least_once},
    };
    return check_choice(value, strategies, "invalid_dlx_strategy", options.dead_letter_strategy.emplace());
}

Refusal parse_max_priority(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    std::int64_t number = 0;
    if (Refusal refusal = check_not_negative(value, number)) {
        return refusal;
    }
    if (number > max_priority_limit) {
        return fmt::format("{{max_value_exceeded,{}}}", number);
    }
    options.max_priority = static_cast<std::uint8_t>(number);
    return std::nullopt;
}

Refusal parse_overflow(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    static constexpr Named<Overflow> modes[] = {
        {"drop-head", Overflow::drop_head},
        {"reject-publish", Overflow::reject_publish},
        {"reject-publish-dlx", Overflow::reject_publish_dlx},
    };
    Overflow mode = Overflow::drop_head;
    if (Refusal refusal = check_choice(value, modes, "invalid_overflow", mode)) {
        return refusal;
    }
    // Quorum queues cannot dead-letter what they reject: RabbitMQ takes the default and says so in its log.
    const bool unsupported = options.type == QueueType::quorum && mode == Overflow::reject_publish_dlx;
    options.overflow = unsupported ? Overflow::drop_head : mode;
    return std::nullopt;
}

Refusal check_queue_version(const FieldValue& value, const FieldTable&, QueueOptions&) {
    std::int64_t version = 0;
    if (Refusal refusal = check_not_negative(value, version)) {
        return refusal;
    }
    return version == 1 || version == 2 ? Refusal() : fmt::format("\"unsupported queue version '{}'\"", version);
}

Refusal parse_single_active_consumer(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    const bool* flag = value.get_if<bool>();
    if (flag == nullptr) {
        return unacceptable_type(value);
    }
    options.single_active_consumer = *flag;
    return std::nullopt;
}

Refusal parse_deduplication(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    const bool* flag = value.get_if<bool>();
    if (flag == nullptr) {
        return unacceptable_type(value);
    }
    options.deduplication = *flag;
    return std::nullopt;
}

Refusal check_leader_locator(const FieldValue& value, const FieldTable&, QueueOptions&) {
    static constexpr Named<bool> locators[] = {
        {"client-local", true}, {"balanced", true}, {"random", true}, {"least-leaders", true}};
    bool known = false;
    return check_choice(value, locators, "invalid_queue_locator_arg", known);
}

Refusal parse_delivery_limit(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    std::int64_t number = 0;
    Refusal refusal = check_integer(value, number);
    if (!refusal) {
        options.delivery_limit = number;
    }
    return refusal;
}

Refusal parse_delayed_retry(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    static constexpr Named<DelayedRetry> types[] = {
        {"disabled", DelayedRetry::disabled},
        {"all", DelayedRetry::all},
        {"failed", DelayedRetry::failed},
        {"returned", DelayedRetry::returned},
    };
    return check_choice(value, types, "invalid_delayed_retry_type", options.delayed_retry);
}

// Consumer timeout and delayed retry are quorum queues' in RabbitMQ 4.3 and unknown, hence accepted, before: here they
// are every queue's.
constexpr QueueArgument table[] = {
    // name, classic, quorum, parse
    {"x-expires", true, true, parse_expires},
    {"x-message-ttl", true, true, parse_message_ttl},
    {"x-dead-letter-exchange", true, true, parse_dead_letter_exchange},
    {"x-dead-letter-routing-key", true, true, parse_dead_letter_routing_key},
    {"x-dead-letter-strategy", false, true, parse_dead_letter_strategy},
    {"x-max-length", true, true, parse_not_negative<&QueueOptions::max_length>},
    {"x-max-length-bytes", true, true, parse_not_negative<&QueueOptions::max_length_bytes>},
    {"x-max-in-memory-length", false, true, check_only_not_negative},
    {"x-max-in-memory-bytes", false, true, check_only_not_negative},
    {"x-max-priority", true, false, parse_max_priority},
    {"x-overflow", true, true, parse_overflow},
    {"x-queue-mode", true, false, nullptr},
    {"x-queue-version", true, false, check_queue_version},
    {"x-single-active-consumer", true, true, parse_single_active_consumer, true},
    {queue_type_argument, true, true, parse_queue_type, true},
    {"x-quorum-initial-group-size", false, true, check_only_positive},
    {"x-queue-master-locator", true, false, nullptr},
    {"x-queue-leader-locator", true, true, check_leader_locator},
    {"x-delivery-limit", false, true, parse_delivery_limit},
    {"x-message-deduplication", true, true, parse_deduplication, true},
    {"x-consumer-timeout", true, true, parse_not_negative<&QueueOptions::consumer_timeout_ms>},
    {"x-consumer-disconnected-timeout", true, true, check_only_not_negative},
    {"x-delayed-retry-type", true, true, parse_delayed_retry},
    {"x-delayed-retry-min", true, true, parse_not_negative<&QueueOptions::delayed_retry_min_ms>},
    {"x-delayed-retry-max", true, true, parse_not_negative<&QueueOptions::delayed_retry_max_ms>},
    // Streams' own, known so that other queues refuse them.
    {"x-max-age", false, false, nullptr},
    {"x-stream-max-segment-size-bytes", false, false, nullptr},
    {"x-stream-filter-size-bytes", false, false, nullptr},
    {"x-initial-cluster-size", false, false, nullptr},
};

} // namespace

std::span<const QueueArgument> queue_arguments() {
    return table;
}

const QueueArgument* find_queue_argument(std::string_view name) {
    const auto found =
        std::find_if(std::begin(table), std::end(table), [&](const auto& argument) { return argument.name == name; });
    return found == std::end(table) ? nullptr : found;
}

amqp::Result<FieldTable> changed_arguments(FieldTable arguments, const ArgumentChange& change, std::string_view queue,
                                           std::string_view vhost) {
    const auto refused = [&](std::string_view key) -> std::optional<amqp::Error> {
        const QueueArgument* argument = find_queue_argument(key);
        if (argument != nullptr && !argument->fixed) {
            return std::nullopt;
        }
        return amqp::precondition_failed(fmt::format("the argument '{}' of queue '{}' in vhost '{}' {}", key, queue,
                                                     vhost, argument == nullptr ? "is not known" : "cannot change"));
    };
    for (const auto& [key, value] : change.set) {
        if (auto error = refused(key)) {
            return *error;
        }
        arguments.set(key, value);
    }
    for (const std::string& key : change.erase) {
        if (auto error = refused(key)) {
            return *error;
        }
        arguments.erase(key);
    }
    return arguments;
}

// Streams are not implemented: theirs is an unknown type.
Refusal parse_queue_type(const FieldValue& value, const FieldTable&, QueueOptions& options) {
    static constexpr Named<QueueType> types[] = {{"classic", QueueType::classic}, {"quorum", QueueType::quorum}};
    return check_choice(value, types, fmt::format("\"unsupported queue type '{}'\"", value.to_text()), options.type);
}

} // namespace broker
