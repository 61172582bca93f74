#include "broker/core/equivalence.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

using namespace broker;
using amqp::FieldTable;
using amqp::FieldValue;

namespace {

std::string text(const amqp::Result<>& result) {
    return result ? std::string() : result.error().reply_text();
}

std::string queue_difference(const FieldTable& received, const FieldTable& current) {
    return text(
        check_equivalent(QueueDeclaration{false, false, received}, QueueDeclaration{false, false, current}, "q", "/"));
}

const FieldTable no_arguments;

} // namespace

TEST_CASE("equivalence: the same declaration is equivalent", "[core][C6]") {
    const FieldTable arguments{{"x-max-length", 10}, {"x-overflow", "reject-publish"}};
    CHECK(queue_difference(arguments, arguments).empty());
    CHECK(queue_difference(no_arguments, no_arguments).empty());
}

TEST_CASE("equivalence: durable comes before auto_delete before arguments", "[core][C6]") {
    const FieldTable current_arguments{{"x-max-length", 10}};
    const QueueDeclaration current{false, false, current_arguments};
    CHECK(text(check_equivalent(QueueDeclaration{true, true, no_arguments}, current, "q", "/")) ==
          "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/': received 'true' but current is "
          "'false'");
    CHECK(text(check_equivalent(QueueDeclaration{false, true, no_arguments}, current, "q", "/")) ==
          "PRECONDITION_FAILED - inequivalent arg 'auto_delete' for queue 'q' in vhost '/': received 'true' but "
          "current is 'false'");
    CHECK(text(check_equivalent(QueueDeclaration{false, false, no_arguments}, current, "q", "v")) ==
          "PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'q' in vhost 'v': received none but current "
          "is the value '10' of type 'signedint'");
}

TEST_CASE("equivalence: a value on one side shows its type, on both sides only itself", "[core][C6]") {
    CHECK(queue_difference({{"x-max-length", 10}}, {}) ==
          "PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received the value '10' "
          "of type 'signedint' but current is none");
    CHECK(queue_difference({}, {{"x-dead-letter-exchange", "dlx"}}) ==
          "PRECONDITION_FAILED - inequivalent arg 'x-dead-letter-exchange' for queue 'q' in vhost '/': received none "
          "but current is the value 'dlx' of type 'longstr'");
    CHECK(queue_difference({{"x-max-length", 10}}, {{"x-max-length", 5}}) ==
          "PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'q' in vhost '/': received '10' but current "
          "is '5'");
    CHECK(queue_difference({{"x-single-active-consumer", true}}, {{"x-single-active-consumer", false}}) ==
          "PRECONDITION_FAILED - inequivalent arg 'x-single-active-consumer' for queue 'q' in vhost '/': received "
          "'true' but current is 'false'");
}

TEST_CASE("equivalence: integers of all types are of one class", "[core][C6]") {
    const FieldValue numbers[] = {std::int8_t{10},  std::uint8_t{10},  std::int16_t{10}, std::uint16_t{10},
                                  std::int32_t{10}, std::uint32_t{10}, std::int64_t{10}};
    for (const FieldValue& received : numbers) {
        for (const FieldValue& current : numbers) {
            INFO(received.type_name() << " and " << current.type_name());
            CHECK(queue_difference({{"x-max-length", received}}, {{"x-max-length", current}}).empty());
        }
    }
    CHECK_FALSE(queue_difference({{"x-max-length", "10"}}, {{"x-max-length", 10}}).empty());
}

TEST_CASE("equivalence: arguments that the queue's type does not know may differ", "[core][C6]") {
    CHECK(queue_difference({{"x-mine", 1}, {"other", true}}, {{"x-mine", 2}}).empty());
    CHECK(queue_difference({{"x-delivery-limit", 1}}, {}).empty());
    const FieldTable quorum{{"x-queue-type", "quorum"}};
    CHECK_FALSE(queue_difference({{"x-queue-type", "quorum"}, {"x-delivery-limit", 1}}, quorum).empty());
}

TEST_CASE("equivalence: no queue type is the classic one", "[core][C6][C7]") {
    CHECK(queue_difference({}, {{"x-queue-type", "classic"}}).empty());
    CHECK(queue_difference({{"x-queue-type", "classic"}}, {}).empty());
    CHECK(queue_difference({{"x-queue-type", "quorum"}}, {}) ==
          "PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'q' in vhost '/': received 'quorum' but "
          "current is 'classic'");
    CHECK(queue_difference({}, {{"x-queue-type", "quorum"}}) ==
          "PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'q' in vhost '/': received 'classic' but "
          "current is 'quorum'");
}

TEST_CASE("equivalence: exchanges compare type, durable, auto_delete, internal, alternate-exchange", "[core][C12]") {
    const FieldTable alternate{{"alternate-exchange", "ae"}, {"other", 1}};
    const FieldTable other_alternate{{"alternate-exchange", "be"}, {"other", 2}};
    const ExchangeDeclaration current{"direct", false, false, false, alternate};
    const auto difference = [&](const ExchangeDeclaration& received) {
        return text(check_equivalent(received, current, "x", "/"));
    };
    const std::string start = "PRECONDITION_FAILED - inequivalent arg ";
    CHECK(difference({"direct", false, false, false, alternate}).empty());
    CHECK(difference({"topic", true, true, true, no_arguments}) ==
          start + "'type' for exchange 'x' in vhost '/': received 'topic' but current is 'direct'");
    CHECK(difference({"direct", true, true, true, no_arguments}) ==
          start + "'durable' for exchange 'x' in vhost '/': received 'true' but current is 'false'");
    CHECK(difference({"direct", false, true, true, no_arguments}) ==
          start + "'auto_delete' for exchange 'x' in vhost '/': received 'true' but current is 'false'");
    CHECK(difference({"direct", false, false, true, no_arguments}) ==
          start + "'internal' for exchange 'x' in vhost '/': received 'true' but current is 'false'");
    CHECK(difference({"direct", false, false, false, no_arguments}) ==
          start + "'alternate-exchange' for exchange 'x' in vhost '/': received none but current is the value 'ae' of "
                  "type 'longstr'");
    CHECK(difference({"direct", false, false, false, other_alternate}) ==
          start + "'alternate-exchange' for exchange 'x' in vhost '/': received 'be' but current is 'ae'");
}
