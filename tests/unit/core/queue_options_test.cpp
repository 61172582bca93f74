#include "broker/core/queue_options.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>

using namespace broker;
using amqp::FieldTable;
using amqp::FieldValue;

namespace {

QueueOptions parsed(const FieldTable& arguments) {
    return parse_queue_options(arguments, "q", "/").value();
}

std::string refusal(const FieldTable& arguments) {
    const amqp::Result<QueueOptions> result = parse_queue_options(arguments, "q", "/");
    return result ? std::string() : result.error().reply_text();
}

std::string refusal(const char* argument, const FieldValue& value, const char* type) {
    return refusal(FieldTable{{"x-queue-type", type}, {argument, value}});
}

} // namespace

TEST_CASE("queue options: without arguments a queue is classic and has no limits", "[core]") {
    CHECK(parsed({}) == QueueOptions{});
    CHECK(parsed({}).type == QueueType::classic);
    CHECK(parsed({{"x-queue-type", "classic"}}) == QueueOptions{});
}

TEST_CASE("queue options: a classic queue's arguments arrive", "[core][3.1]") {
    const QueueOptions options = parsed({{"x-message-ttl", std::int16_t{0}},
                                         {"x-expires", std::uint32_t{60'000}},
                                         {"x-max-length", std::uint8_t{5}},
                                         {"x-max-length-bytes", std::int64_t{1} << 40},
                                         {"x-overflow", "reject-publish-dlx"},
                                         {"x-dead-letter-exchange", ""},
                                         {"x-dead-letter-routing-key", "dead"},
                                         {"x-single-active-consumer", true},
                                         {"x-max-priority", 255},
                                         {"x-consumer-timeout", 1'000},
                                         {"x-queue-mode", "lazy"},
                                         {"x-queue-version", 2},
                                         {"x-queue-leader-locator", "client-local"}});
    QueueOptions expected;
    expected.message_ttl_ms = 0;
    expected.expires_ms = 60'000;
    expected.max_length = 5;
    expected.max_length_bytes = std::int64_t{1} << 40;
    expected.overflow = Overflow::reject_publish_dlx;
    expected.dead_letter_exchange = "";
    expected.dead_letter_routing_key = "dead";
    expected.single_active_consumer = true;
    expected.max_priority = 255;
    expected.consumer_timeout_ms = 1'000;
    CHECK(options == expected);
}

TEST_CASE("queue options: a quorum queue's arguments arrive", "[core][3.1]") {
    const QueueOptions options = parsed({{"x-delivery-limit", -1},
                                         {"x-dead-letter-exchange", "dlx"},
                                         {"x-dead-letter-strategy", "at-least-once"},
                                         {"x-overflow", "reject-publish"},
                                         {"x-delayed-retry-type", "failed"},
                                         {"x-delayed-retry-min", 1'000},
                                         {"x-delayed-retry-max", 30'000},
                                         {"x-quorum-initial-group-size", 3},
                                         {"x-max-in-memory-length", 0},
                                         {"x-queue-type", "quorum"}});
    QueueOptions expected;
    expected.type = QueueType::quorum;
    expected.delivery_limit = -1;
    expected.dead_letter_exchange = "dlx";
    expected.dead_letter_strategy = DeadLetterStrategy::at_least_once;
    expected.overflow = Overflow::reject_publish;
    expected.delayed_retry = DelayedRetry::failed;
    expected.delayed_retry_min_ms = 1'000;
    expected.delayed_retry_max_ms = 30'000;
    CHECK(options == expected);
}

TEST_CASE("queue options: a quorum queue drops the head instead of reject-publish-dlx", "[core]") {
    CHECK(parsed({{"x-overflow", "reject-publish-dlx"}, {"x-queue-type", "quorum"}}).overflow == Overflow::drop_head);
}

TEST_CASE("queue options: arguments that nobody knows are accepted", "[core][C6]") {
    CHECK(parsed({{"x-mine", 1}, {"anything", FieldTable{{"a", 1}}}, {"x-ha-policy", "all"}}) == QueueOptions{});
}

TEST_CASE("queue options: a bad value is refused with RabbitMQ's reason", "[core][3.1]") {
    struct Row {
        const char* argument;
        FieldValue value;
        const char* reason;
        const char* type = "classic";
    };
    const auto too_large = std::int64_t{315'360'000'001};
    const Row rows[] = {
        {"x-message-ttl", -1, "{value_negative,-1}"},
        {"x-message-ttl", "60", "\"expected integer, got longstr\""},
        {"x-message-ttl", 1.0, "\"expected integer, got double\""},
        {"x-message-ttl", true, "\"expected integer, got bool\""},
        {"x-message-ttl", amqp::Timestamp{1}, "\"expected integer, got timestamp\""},
        {"x-message-ttl", too_large, "{value_too_large,315360000001}"},
        {"x-expires", 0, "{value_zero,0}"},
        {"x-expires", -5, "{value_negative,-5}"},
        {"x-expires", too_large, "{value_too_large,315360000001}"},
        {"x-expires", amqp::Void{}, "\"expected integer, got void\""},
        {"x-max-length", -1, "{value_negative,-1}"},
        {"x-max-length", std::numeric_limits<std::int64_t>::min(), "{value_negative,-9223372036854775808}"},
        {"x-max-length-bytes", -1, "{value_negative,-1}"},
        {"x-max-length-bytes", "1", "\"expected integer, got longstr\""},
        {"x-max-priority", -1, "{value_negative,-1}"},
        {"x-max-priority", 256, "{max_value_exceeded,256}"},
        {"x-overflow", "nope", "invalid_overflow"},
        {"x-overflow", 1, "{unacceptable_type,signedint}"},
        {"x-dead-letter-exchange", std::int64_t{1}, "{unacceptable_type,long}"},
        {"x-dead-letter-routing-key", "k", "routing_key_but_no_dlx_defined"},
        {"x-dead-letter-routing-key", true, "{unacceptable_type,bool}"},
        {"x-single-active-consumer", "true", "{unacceptable_type,longstr}"},
        {"x-queue-version", 3, "\"unsupported queue version '3'\""},
        {"x-queue-leader-locator", "moon", "invalid_queue_locator_arg"},
        {"x-consumer-timeout", -1, "{value_negative,-1}"},
        {"x-dead-letter-strategy", "maybe", "invalid_dlx_strategy", "quorum"},
        {"x-delivery-limit", "5", "\"expected integer, got longstr\"", "quorum"},
        {"x-quorum-initial-group-size", 0, "{value_zero,0}", "quorum"},
        {"x-max-in-memory-bytes", -1, "{value_negative,-1}", "quorum"},
        {"x-delayed-retry-min", -1, "{value_negative,-1}", "quorum"},
    };
    for (const Row& row : rows) {
        CHECK(refusal(row.argument, row.value, row.type) == "PRECONDITION_FAILED - invalid arg '" +
                                                                std::string(row.argument) +
                                                                "' for queue 'q' in vhost '/': " + row.reason);
    }
}

TEST_CASE("queue options: the edges of the ranges are fine", "[core]") {
    CHECK(parsed({{"x-message-ttl", max_expiry_ms}}).message_ttl_ms == max_expiry_ms);
    CHECK(parsed({{"x-expires", 1}}).expires_ms == 1);
    CHECK(parsed({{"x-max-length", 0}}).max_length == 0);
    CHECK(parsed({{"x-max-priority", 0}}).max_priority == 0);
}

TEST_CASE("queue options: an unknown queue type is refused first, and streams are unknown", "[core]") {
    const std::string start = "PRECONDITION_FAILED - invalid arg 'x-queue-type' for queue 'q' in vhost '/': ";
    CHECK(refusal({{"x-max-length", -1}, {"x-queue-type", "nope"}}) == start + "\"unsupported queue type 'nope'\"");
    CHECK(refusal({{"x-queue-type", "stream"}}) == start + "\"unsupported queue type 'stream'\"");
    CHECK(refusal({{"x-queue-type", true}}) == start + "{unacceptable_type,bool}");
}

TEST_CASE("queue options: another type's argument is refused after the values", "[core][3.1]") {
    const std::string start = "PRECONDITION_FAILED - invalid arg ";
    CHECK(refusal("x-max-priority", 5, "quorum") ==
          start + "'x-max-priority' for queue 'q' in vhost '/' of queue type rabbit_quorum_queue");
    CHECK(refusal("x-max-priority", -1, "quorum") ==
          start + "'x-max-priority' for queue 'q' in vhost '/' of queue type rabbit_quorum_queue");
    CHECK(refusal("x-queue-mode", "lazy", "quorum") ==
          start + "'x-queue-mode' for queue 'q' in vhost '/' of queue type rabbit_quorum_queue");
    CHECK(refusal({{"x-delivery-limit", 5}}) ==
          start + "'x-delivery-limit' for queue 'q' in vhost '/' of queue type rabbit_classic_queue");
    CHECK(refusal({{"x-max-age", "7D"}}) ==
          start + "'x-max-age' for queue 'q' in vhost '/' of queue type rabbit_classic_queue");
    CHECK(refusal({{"x-max-age", "7D"}, {"x-max-length", -1}}) ==
          start + "'x-max-length' for queue 'q' in vhost '/': {value_negative,-1}");
}

TEST_CASE("queue options: only a quorum queue refuses properties", "[core][3.1]") {
    struct Row {
        QueueProperties properties;
        const char* property; // null: accepted
    };
    const Row rows[] = {
        {{.durable = true}, nullptr},
        {{.durable = false}, "non-durable"},
        {{.durable = true, .exclusive = true}, "exclusive-owner"},
        {{.durable = true, .auto_delete = true}, "auto-delete"},
        {{.durable = false, .exclusive = true, .auto_delete = true}, "auto-delete"},
    };
    for (const Row& row : rows) {
        const amqp::Result<> quorum = check_queue_properties(QueueType::quorum, row.properties, "q", "/");
        REQUIRE(quorum.has_error() == (row.property != nullptr));
        if (row.property != nullptr) {
            CHECK(quorum.error().reply_text() == "PRECONDITION_FAILED - invalid property '" +
                                                     std::string(row.property) + "' for queue 'q' in vhost '/'");
        }
        CHECK(check_queue_properties(QueueType::classic, row.properties, "q", "/").has_value());
    }
}
