#include "broker/core/effective_policy.hpp"
#include "broker/core/erlang_term.hpp"
#include "broker/core/policy.hpp"
#include "broker/core/policy_keys.hpp"
#include "broker/core/policy_set.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>

using namespace broker;
using amqp::FieldTable;
using amqp::FieldValue;

namespace {

Policy policy(FieldTable definition, std::string pattern = ".*") {
    return {"p", std::move(pattern), ApplyTo::all, 0, std::move(definition)};
}

std::string refusal(FieldTable definition, PolicyKind kind = PolicyKind::user) {
    const auto checked = check_policy(policy(std::move(definition)), kind);
    return checked ? std::string() : checked.error().text;
}

std::string refused(const std::string& reason) {
    return "Validation failed\n\n" + reason + "\n";
}

AppliedPolicies applied(FieldTable users, FieldTable operators = {}) {
    AppliedPolicies policies;
    if (!users.empty()) {
        policies.user = std::make_shared<const Policy>(policy(std::move(users)));
    }
    if (!operators.empty()) {
        policies.operators = std::make_shared<const Policy>(policy(std::move(operators)));
    }
    return policies;
}

constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();

} // namespace

TEST_CASE("policy: a definition of known keys and fitting values is accepted", "[core][policy]") {
    CHECK(refusal({{"message-ttl", 0}, {"expires", 1}, {"max-length", 0}, {"max-length-bytes", huge}}).empty());
    CHECK(refusal({{"dead-letter-exchange", ""}, {"dead-letter-routing-key", "k"}, {"overflow", "reject-publish-dlx"}})
              .empty());
    CHECK(refusal({{"delivery-limit", -1}, {"queue-mode", "lazy"}, {"queue-version", 2}, {"max-age", "7D"}}).empty());
    CHECK(refusal({{"ha-mode", "all"}, {"federation-upstream-set", "all"}}).empty());
}

TEST_CASE("policy: a value that does not fit is refused in RabbitMQ's words", "[core][policy]") {
    struct Row {
        const char* key;
        FieldValue value;
        std::string reason;
    };
    const Row rows[] = {
        {"message-ttl", -5, "-5 is not a valid message TTL"},
        {"message-ttl", "abc", "<<\"abc\">> is not a valid message TTL"},
        {"message-ttl", 1.5, "1.5 is not a valid message TTL"},
        {"message-ttl", true, "true is not a valid message TTL"},
        {"expires", 0, "0 is not a valid queue expiry"},
        {"expires", -1, "-1 is not a valid queue expiry"},
        {"max-length", -1, "-1 is not a valid maximum length"},
        {"max-length-bytes", "1GB", "<<\"1GB\">> is not a valid maximum length in bytes"},
        {"overflow", "drop-tail", "<<\"drop-tail\">> is not a valid overflow value"},
        {"overflow", 1, "1 is not a valid overflow value"},
        {"dead-letter-exchange", 1, "1 is not a valid dead letter exchange name"},
        {"dead-letter-routing-key", false, "false is not a valid dead letter routing key"},
        {"alternate-exchange", amqp::Array{1, "a"}, "[1,<<\"a\">>] is not a valid alternate exchange name"},
        {"delivery-limit", "none", "<<\"none\">> is not a valid delivery limit"},
        {"queue-mode", "eager", "<<\"eager\">> is not a valid queue-mode value"},
        {"queue-version", 3, "3 is not a valid queue-version value"},
        {"max-age", "7W", "<<\"7W\">> is not a valid max age"},
        {"max-age", "D", "<<\"D\">> is not a valid max age"},
        {"consumer-timeout", FieldTable{{"a", 1}}, "#{<<\"a\">> => 1} is not a valid consumer timeout"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.key, row.reason);
        CHECK(refusal({{row.key, row.value}}) == refused(row.reason));
    }
}

TEST_CASE("policy: every key refuses a value of a wrong type or range", "[core][policy]") {
    for (const PolicyKey& key : policy_keys()) {
        CAPTURE(key.name);
        CHECK((key.name.starts_with("ha-") || !key.accepts(FieldValue(amqp::Void{}))));
    }
    CHECK_FALSE(find_policy_key("dead-letter-exchange")->accepts(std::string(256, 'x')));
    CHECK_FALSE(find_policy_key("max-age")->accepts(std::string(1 << 20, '9') + "D"));
}

TEST_CASE("policy: an unknown key, an empty definition and a repeated key are refused", "[core][policy]") {
    CHECK(refusal({{"x", 1}}) == refused("[{<<\"x\">>,1}] are not recognised policy settings"));
    CHECK(refusal({}) == refused("no policy provided"));
    FieldTable twice{{"max-length", 1}};
    twice.append("max-length", 2);
    CHECK(refusal(twice) == refused("[<<\"max-length\">>] duplicate keys not allowed"));
}

TEST_CASE("policy: an operator policy knows limits only", "[core][policy]") {
    CHECK(
        refusal({{"max-length", 1}, {"delivery-limit", 3}, {"overflow", "drop-head"}}, PolicyKind::operators).empty());
    CHECK(refusal({{"dead-letter-exchange", "x"}}, PolicyKind::operators) ==
          refused("[{<<\"dead-letter-exchange\">>,<<\"x\">>}] are not recognised policy settings"));
}

TEST_CASE("policy: a bad or endless pattern is refused, a hostile one runs out of steps", "[core][policy]") {
    CHECK(check_policy(policy({{"max-length", 1}}, "("), PolicyKind::user)
              .error()
              .text.find("pattern should be regular expression but is invalid: ") != std::string::npos);
    CHECK(check_policy(policy({{"max-length", 1}}, std::string(1 << 20, 'a')), PolicyKind::user).has_error());
    PolicySet set;
    set.put(policy({{"max-length", 1}}, "^(a+)+$"));
    CHECK(set.match_queue(std::string(200, 'a') + "!", QueueType::classic) == nullptr);
}

TEST_CASE("policy: what a refusal shows of a huge value is short", "[core][policy]") {
    CHECK(erlang_term(std::string(1 << 20, 'x')).size() < 300);
    CHECK(erlang_term(amqp::Array(100'000, FieldValue(1))).size() < 300);
    CHECK(refusal({{std::string(200, 'k'), std::string(1 << 20, 'x')}}).size() < 400);
}

TEST_CASE("policy set: the highest priority counts, then the first name", "[core][policy]") {
    PolicySet set;
    CHECK(set.put({"low", "^q", ApplyTo::queues, -1, {{"max-length", 1}}}));
    CHECK(set.put({"b", "^q", ApplyTo::queues, 5, {{"max-length", 2}}}));
    CHECK(set.put({"a", "^q", ApplyTo::queues, 5, {{"max-length", 3}}}));
    CHECK(set.match_queue("q", QueueType::classic)->name == "a");
    CHECK(set.match_queue("other", QueueType::classic) == nullptr);
    CHECK_FALSE(set.put({"a", "^none$", ApplyTo::queues, 5, {{"max-length", 3}}}));
    CHECK(set.match_queue("q", QueueType::classic)->name == "b");
    CHECK(set.erase("b") != nullptr);
    CHECK(set.erase("b") == nullptr);
    CHECK(set.match_queue("q", QueueType::classic)->name == "low");
}

TEST_CASE("policy set: apply-to decides what a policy is for", "[core][policy]") {
    struct Row {
        ApplyTo apply_to;
        bool classic, quorum, exchange;
    };
    const Row rows[] = {
        {ApplyTo::all, true, true, true},
        {ApplyTo::queues, true, true, false},
        {ApplyTo::classic_queues, true, false, false},
        {ApplyTo::quorum_queues, false, true, false},
        {ApplyTo::streams, false, false, false},
        {ApplyTo::exchanges, false, false, true},
    };
    for (const Row& row : rows) {
        CAPTURE(name(row.apply_to));
        PolicySet set;
        set.put({"p", "", row.apply_to, 0, {{"max-length", 1}}});
        CHECK((set.match_queue("x", QueueType::classic) != nullptr) == row.classic);
        CHECK((set.match_queue("x", QueueType::quorum) != nullptr) == row.quorum);
        CHECK((set.match_exchange("x") != nullptr) == row.exchange);
        CHECK(apply_to_of(name(row.apply_to)) == row.apply_to);
    }
    CHECK_FALSE(apply_to_of("Queues"));
}

TEST_CASE("policy set: a queue type that does not know a key passes the whole policy by", "[core][policy]") {
    PolicySet set;
    set.put({"quorum", "", ApplyTo::all, 9, {{"delivery-limit", 3}, {"max-length", 1}}});
    set.put({"any", "", ApplyTo::all, 0, {{"max-length", 2}}});
    CHECK(set.match_queue("x", QueueType::classic)->name == "any");
    CHECK(set.match_queue("x", QueueType::quorum)->name == "quorum");
    CHECK(set.match_exchange("x")->name == "quorum");
}

TEST_CASE("effective options: an argument counts before a policy, but of two limits the smaller", "[core][policy]") {
    QueueOptions arguments;
    arguments.max_length = 10;
    arguments.dead_letter_exchange = "argument";
    const QueueOptions options = effective_options(arguments, applied({{"max-length", 20},
                                                                       {"dead-letter-exchange", "policy"},
                                                                       {"message-ttl", 100},
                                                                       {"overflow", "reject-publish"}},
                                                                      {{"message-ttl", 50}, {"max-length", 5}}));
    CHECK(options.max_length == 5);
    CHECK(options.message_ttl_ms == 50);
    CHECK(options.dead_letter_exchange == "argument");
    CHECK(options.overflow == Overflow::reject_publish);
    CHECK(effective_options(arguments, applied({{"max-length", 20}})).max_length == 10);
    CHECK(effective_options(arguments, {}) == arguments);
}

TEST_CASE("effective options: a time without end is one that can be computed with", "[core][policy]") {
    const QueueOptions options = effective_options({}, applied({{"message-ttl", huge}, {"expires", huge}}));
    CHECK(options.message_ttl_ms == max_expiry_ms);
    CHECK(options.expires_ms == max_expiry_ms);
}

TEST_CASE("effective options: a negative delivery limit is none, so the other counts", "[core][policy]") {
    const auto limit = [](std::optional<std::int64_t> argument, FieldTable users, FieldTable operators) {
        QueueOptions options;
        options.type = QueueType::quorum;
        options.delivery_limit = argument;
        return effective_options(options, applied(std::move(users), std::move(operators))).delivery_limit;
    };
    CHECK(limit(5, {{"delivery-limit", 3}}, {}) == 3);
    CHECK(limit(-1, {{"delivery-limit", 3}}, {}) == 3);
    CHECK(limit(5, {{"delivery-limit", -1}}, {}) == 5);
    CHECK(limit({}, {{"delivery-limit", -1}}, {{"delivery-limit", 7}}) == 7);
    CHECK(limit({}, {{"delivery-limit", 9}}, {{"delivery-limit", 7}}) == 7);
    CHECK(limit({}, {{"delivery-limit", 9}}, {{"delivery-limit", -1}}) == 9);
}

TEST_CASE("effective definition: the operator's overflow counts, limits are the smaller", "[core][policy]") {
    CHECK(effective_definition(applied({{"overflow", "drop-head"}, {"max-length", 3}, {"expires", 9}},
                                       {{"overflow", "reject-publish"}, {"max-length", 5}})) ==
          FieldTable{{"expires", 9}, {"max-length", 3}, {"overflow", "reject-publish"}});
    CHECK(effective_definition({}).empty());
}

TEST_CASE("effective settings: each key tells who said it", "[core][policy]") {
    const auto settings = effective_settings(
        {{"x-max-length", 4}, {"x-overflow", "drop-head"}, {"x-unknown", 1}},
        applied({{"max-length", 9}, {"overflow", "reject-publish"}, {"expires", 8}}, {{"max-length", 2}}));
    REQUIRE(settings.size() == 3);
    CHECK((settings[0].key == "expires" && settings[0].origin == Origin::policy));
    CHECK((settings[1].key == "max-length" && settings[1].origin == Origin::operator_policy));
    CHECK(settings[1].value == FieldValue(2));
    CHECK((settings[2].key == "overflow" && settings[2].origin == Origin::argument));
}

TEST_CASE("effective alternate: the argument, else the policy's", "[core][policy]") {
    CHECK(effective_alternate({}, applied({{"alternate-exchange", "p"}})) == "p");
    CHECK(effective_alternate({{"alternate-exchange", "a"}}, applied({{"alternate-exchange", "p"}})) == "a");
    CHECK_FALSE(effective_alternate({}, applied({{"max-length", 1}})));
}
