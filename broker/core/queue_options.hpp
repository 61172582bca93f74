// A queue's x-arguments, checked and typed. Values and texts of errors are RabbitMQ's. Arguments that nobody knows are
// accepted and stay without effect; policies are laid over this elsewhere. Plain data, made where a declare is handled.
#pragma once

#include "protocol/error.hpp"
#include "protocol/field_table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

enum class QueueType : std::uint8_t { classic, quorum };
enum class Overflow : std::uint8_t { drop_head, reject_publish, reject_publish_dlx };
enum class DeadLetterStrategy : std::uint8_t { at_most_once, at_least_once };
enum class DelayedRetry : std::uint8_t { disabled, all, failed, returned };

std::string_view name(QueueType type); // "classic"

struct QueueOptions {
    QueueType type = QueueType::classic;
    std::optional<std::int64_t> message_ttl_ms;
    std::optional<std::int64_t> expires_ms;
    std::optional<std::int64_t> max_length; // ready messages
    std::optional<std::int64_t> max_length_bytes;
    std::optional<Overflow> overflow; // absent: drop_head
    std::optional<std::string> dead_letter_exchange;
    std::optional<std::string> dead_letter_routing_key;
    std::optional<DeadLetterStrategy> dead_letter_strategy; // absent: at_most_once
    bool single_active_consumer = false;
    bool deduplication = false;    // x-message-deduplication
    std::uint8_t max_priority = 0; // 0: no priorities
    // Negative: without limit. Absent: default_delivery_limit in a quorum queue, without limit in a classic one.
    std::optional<std::int64_t> delivery_limit;
    std::optional<std::int64_t> consumer_timeout_ms;
    DelayedRetry delayed_retry = DelayedRetry::disabled;
    std::optional<std::int64_t> delayed_retry_min_ms;
    std::optional<std::int64_t> delayed_retry_max_ms;

    bool operator==(const QueueOptions&) const = default;
};

inline constexpr std::int64_t default_delivery_limit = 20;
inline constexpr std::int64_t max_expiry_ms = 315'360'000'000; // ten years, RabbitMQ's limit of every TTL
inline constexpr std::int64_t max_priority_limit = 255;

// PRECONDITION_FAILED at the first argument that is wrong: a bad value first, then an argument of another queue type.
amqp::Result<QueueOptions> parse_queue_options(const amqp::FieldTable& arguments, std::string_view queue,
                                               std::string_view vhost);

struct QueueProperties {
    bool durable = false;
    bool exclusive = false;
    bool auto_delete = false;
};

// A quorum queue is durable, not exclusive, not auto-delete. To be asked after the arguments, as RabbitMQ does.
amqp::Result<> check_queue_properties(QueueType type, const QueueProperties& properties, std::string_view queue,
                                      std::string_view vhost);

} // namespace broker
