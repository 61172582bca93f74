// What a definitions file is checked for against what is there.
#include "broker/admin/definitions_checks.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

HostDefinitions with_exchange(std::string name, std::string type, amqp::FieldTable arguments = {}) {
    HostDefinitions definitions;
    DeclareExchange exchange;
    exchange.name = std::move(name);
    exchange.type = std::move(type);
    exchange.arguments = std::move(arguments);
    definitions.exchanges.push_back(std::move(exchange));
    return definitions;
}

void add_queue(HostDefinitions& definitions, std::string name, amqp::FieldTable arguments = {}) {
    DeclareQueue queue;
    queue.name = std::move(name);
    queue.arguments = std::move(arguments);
    definitions.queues.push_back(std::move(queue));
}

std::string refusal(const amqp::Result<>& result) {
    return result ? std::string() : result.error().text;
}

} // namespace

TEST_CASE("definitions checks: a binding finds its ends in the file or in place", "[admin][definitions]") {
    Existing existing = predefined_objects();
    existing.queues["there"] = false;
    HostDefinitions file = with_exchange("x", "topic");
    add_queue(file, "q");
    file.queue_bindings = {
        {"q", "x", "k", {}, false}, {"there", "amq.direct", "", {}, false}, {"q", "", "q", {}, false}};
    file.exchange_bindings = {{"x", "amq.topic", "#", {}, false}};
    CHECK(refusal(check_bindings(file, existing)) == "");
    file.queue_bindings = {{"nowhere", "x", "", {}, false}};
    CHECK(refusal(check_bindings(file, existing)) == "bindings: no queue 'nowhere'");
    file.queue_bindings = {{"q", "y", "", {}, false}};
    CHECK(refusal(check_bindings(file, existing)) == "bindings: no exchange 'y'");
    file.queue_bindings.clear();
    file.exchange_bindings = {{"y", "x", "", {}, false}};
    CHECK(refusal(check_bindings(file, existing)) == "bindings: no exchange 'y'");
}

TEST_CASE("definitions checks: the arguments of a binding are those of the exchange's type", "[admin][definitions]") {
    HostDefinitions file = with_exchange("hash", "x-consistent-hash");
    add_queue(file, "q");
    file.queue_bindings = {{"q", "hash", "not a weight", {}, false}};
    CHECK(refusal(check_bindings(file, predefined_objects())) != "");
    file.queue_bindings = {{"q", "hash", "1", {}, false}};
    CHECK(refusal(check_bindings(file, predefined_objects())) == "");
    file.queue_bindings = {{"q", "amq.headers", "", {{"x-match", "some"}}, false}};
    CHECK(refusal(check_bindings(file, predefined_objects())) != "");
}

TEST_CASE("definitions checks: no exchange may take a reserved name", "[admin][definitions]") {
    CHECK(refusal(check_bindings(with_exchange("amq.mine", "direct"), predefined_objects())) ==
          "exchanges: exchange name 'amq.mine' contains reserved prefix 'amq.*'");
    CHECK(refusal(check_bindings(with_exchange("amq.topic", "topic"), predefined_objects())) == "");
}

TEST_CASE("definitions checks: the arguments of an exchange are checked", "[admin][definitions]") {
    const auto check = [](std::string type, amqp::FieldTable arguments) {
        return refusal(
            check_exchange(with_exchange("x", std::move(type), std::move(arguments)).exchanges.front(), "/"));
    };
    CHECK(check("direct", {{"alternate-exchange", "a"}}) == "");
    CHECK(check("direct", {{"alternate-exchange", 1}}) ==
          "invalid type 'signedint' for arg 'alternate-exchange' in exchange 'x' in vhost '/'");
    CHECK(check("x-delayed-message", {}) != "");
    CHECK(check("x-message-deduplication", {{"x-cache-size", 0}}) != "");
}

TEST_CASE("definitions checks: there will be no more queues than may be", "[admin][definitions]") {
    Existing existing;
    existing.queues = {{"a", false}, {"b", false}};
    HostDefinitions file;
    add_queue(file, "b");
    add_queue(file, "c");
    CHECK(refusal(check_counts(file, existing, {})) == "");
    CHECK(refusal(check_counts(file, existing, {{"max-queues", 3}})) == "");
    CHECK(refusal(check_counts(file, existing, {{"max-queues", -1}})) == "");
    CHECK(refusal(check_counts(file, existing, {{"max-queues", 2}})) ==
          "queues: there would be 3, and the limit of the virtual host is 2");
    file.limits["max-queues"] = 2; // the file's own counts
    CHECK(refusal(check_counts(file, existing, {{"max-queues", 9}})) != "");
}
