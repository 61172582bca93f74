#include "broker/core/policy_keys.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace broker {
namespace {

using amqp::FieldValue;

// --- what a value may be -------------------------------------------------------------------------------------------

template <std::int64_t least, std::int64_t most = std::numeric_limits<std::int64_t>::max()>
bool integer(const FieldValue& value) {
    const auto number = value.as_integer();
    return number && *number >= least && *number <= most;
}
constexpr auto any_integer = integer<std::numeric_limits<std::int64_t>::min()>;

bool text(const FieldValue& value) {
    return value.as_string() != nullptr;
}

// Names of exchanges and routing keys are short strings.
bool short_text(const FieldValue& value) {
    return text(value) && value.as_string()->size() <= 255;
}

bool anything(const FieldValue&) {
    return true;
}

template <const auto& names>
bool one_of(const FieldValue& value) {
    return text(value) && std::find(names.begin(), names.end(), *value.as_string()) != names.end();
}

// "7D": a number and a unit.
bool age(const FieldValue& value) {
    constexpr std::string_view units = "YMDhms";
    if (!text(value) || value.as_string()->size() < 2 || value.as_string()->size() > 20) {
        return false;
    }
    const std::string_view age = *value.as_string();
    return units.find(age.back()) != std::string_view::npos && std::all_of(age.begin(), age.end() - 1, [](char c) {
               return std::isdigit(static_cast<unsigned char>(c)) != 0;
           });
}

template <class Choice>
struct Named {
    std::string_view name;
    Choice choice;
    bool operator==(std::string_view other) const { return name == other; }
};
template <class Choice>
Named(std::string_view, Choice) -> Named<Choice>; // Clang 14 needs to be told

constexpr std::array overflows{Named{std::string_view("drop-head"), Overflow::drop_head},
                               Named{std::string_view("reject-publish"), Overflow::reject_publish},
                               Named{std::string_view("reject-publish-dlx"), Overflow::reject_publish_dlx}};
constexpr std::array strategies{Named{std::string_view("at-most-once"), DeadLetterStrategy::at_most_once},
                                Named{std::string_view("at-least-once"), DeadLetterStrategy::at_least_once}};
constexpr std::array delayed_retries{Named{std::string_view("disabled"), DelayedRetry::disabled},
                                     Named{std::string_view("all"), DelayedRetry::all},
                                     Named{std::string_view("failed"), DelayedRetry::failed},
                                     Named{std::string_view("returned"), DelayedRetry::returned}};
constexpr std::array<std::string_view, 2> queue_modes{"default", "lazy"};
constexpr std::array<std::string_view, 4> leader_locators{"client-local", "balanced", "random", "least-leaders"};

// --- what it does to a queue ---------------------------------------------------------------------------------------

template <std::optional<std::int64_t> QueueOptions::*option>
void lower(const FieldValue& value, QueueOptions& options) {
    auto& limit = options.*option;
    limit = std::min(limit.value_or(std::numeric_limits<std::int64_t>::max()), *value.as_integer());
}

// A later time than anybody lives to see may as well be ten years from now, which can be computed with.
template <std::optional<std::int64_t> QueueOptions::*option>
void lower_expiry(const FieldValue& value, QueueOptions& options) {
    lower<option>(FieldValue(std::min(*value.as_integer(), max_expiry_ms)), options);
}

template <std::optional<std::int64_t> QueueOptions::*option>
void set_number(const FieldValue& value, QueueOptions& options) {
    if (!(options.*option)) {
        options.*option = *value.as_integer();
    }
}

template <std::optional<std::string> QueueOptions::*option>
void set_text(const FieldValue& value, QueueOptions& options) {
    if (!(options.*option)) {
        options.*option = *value.as_string();
    }
}

template <const auto& choices>
auto choice_of(const FieldValue& value) {
    return std::find(choices.begin(), choices.end(), *value.as_string())->choice;
}

void set_overflow(const FieldValue& value, QueueOptions& options) {
    if (!options.overflow) {
        const Overflow overflow = choice_of<overflows>(value);
        const bool unsupported = options.type == QueueType::quorum && overflow == Overflow::reject_publish_dlx;
        options.overflow = unsupported ? Overflow::drop_head : overflow;
    }
}

void set_dead_letter_strategy(const FieldValue& value, QueueOptions& options) {
    if (!options.dead_letter_strategy) {
        options.dead_letter_strategy = choice_of<strategies>(value);
    }
}

void set_delayed_retry(const FieldValue& value, QueueOptions& options) {
    if (options.delayed_retry == DelayedRetry::disabled) {
        options.delayed_retry = choice_of<delayed_retries>(value);
    }
}

// 0 is for ever: any other is lower.
void lower_consumer_timeout(const FieldValue& value, QueueOptions& options) {
    const std::int64_t limit = *value.as_integer();
    auto& current = options.consumer_timeout_ms;
    if (!current || *current == 0 || (limit != 0 && limit < *current)) {
        current = limit;
    }
}

void lower_delivery_limit(const FieldValue& value, QueueOptions& options) {
    const std::int64_t limit = *value.as_integer();
    auto& current = options.delivery_limit;
    current = !current ? limit : *current < 0 || limit < 0 ? std::max(*current, limit) : std::min(*current, limit);
}

using Options = QueueOptions;
constexpr std::int64_t max_filter_size = 255, min_filter_size = 16;

// Keys without effect are those of streams, of clusters, of plugins, and of RabbitMQ 3's mirrored queues: policies that
// carry them are common, and are accepted.
constexpr PolicyKey table[] = {
    // name, accepts, meaning, merge, classic, quorum, apply
    {"alternate-exchange", short_text, "alternate exchange name", Merge::none, true, true, nullptr},
    {"consumer-disconnected-timeout", integer<0>, "consumer disconnected timeout", Merge::none, true, true, nullptr},
    {"consumer-timeout", integer<0>, "consumer timeout", Merge::none, true, true, lower_consumer_timeout},
    {"dead-letter-exchange", short_text, "dead letter exchange name", Merge::none, true, true,
     set_text<&Options::dead_letter_exchange>},
    {"dead-letter-routing-key", short_text, "dead letter routing key", Merge::none, true, true,
     set_text<&Options::dead_letter_routing_key>},
    {"dead-letter-strategy", one_of<strategies>, "dead letter strategy", Merge::none, false, true,
     set_dead_letter_strategy},
    {"delayed-retry-max", integer<0>, "delayed retry max", Merge::none, true, true,
     set_number<&Options::delayed_retry_max_ms>},
    {"delayed-retry-min", integer<0>, "delayed retry min", Merge::none, true, true,
     set_number<&Options::delayed_retry_min_ms>},
    {"delayed-retry-type", one_of<delayed_retries>, "delayed retry type", Merge::none, true, true, set_delayed_retry},
    {"delivery-limit", any_integer, "delivery limit", Merge::delivery_limit, false, true, lower_delivery_limit},
    {"expires", integer<1>, "queue expiry", Merge::minimum, true, true, lower_expiry<&Options::expires_ms>},
    {"federation-upstream", text, "federation upstream name", Merge::none, true, true, nullptr},
    {"federation-upstream-pattern", text, "federation upstream pattern", Merge::none, true, true, nullptr},
    {"federation-upstream-set", text, "federation upstream set name", Merge::none, true, true, nullptr},
    {"ha-mode", anything, "ha-mode", Merge::operators, true, true, nullptr},
    {"ha-params", anything, "ha-params", Merge::operators, true, true, nullptr},
    {"ha-promote-on-failure", anything, "ha-promote-on-failure", Merge::operators, true, true, nullptr},
    {"ha-promote-on-shutdown", anything, "ha-promote-on-shutdown", Merge::operators, true, true, nullptr},
    {"ha-sync-batch-size", anything, "ha-sync-batch-size", Merge::operators, true, true, nullptr},
    {"ha-sync-mode", anything, "ha-sync-mode", Merge::operators, true, true, nullptr},
    {"initial-cluster-size", integer<0>, "cluster size", Merge::none, false, false, nullptr},
    {"max-age", age, "max age", Merge::none, false, false, nullptr},
    {"max-in-memory-bytes", integer<0>, "maximum memory in bytes", Merge::minimum, true, true, nullptr},
    {"max-in-memory-length", integer<0>, "maximum memory in bytes", Merge::minimum, true, true, nullptr},
    {"max-length", integer<0>, "maximum length", Merge::minimum, true, true, lower<&Options::max_length>},
    {"max-length-bytes", integer<0>, "maximum length in bytes", Merge::minimum, true, true,
     lower<&Options::max_length_bytes>},
    {"message-ttl", integer<0>, "message TTL", Merge::minimum, true, true, lower_expiry<&Options::message_ttl_ms>},
    {"overflow", one_of<overflows>, "overflow value", Merge::operators, true, true, set_overflow},
    {"queue-leader-locator", one_of<leader_locators>, "queue leader locator value", Merge::none, true, true, nullptr},
    {"queue-master-locator", text, "queue master locator value", Merge::none, true, true, nullptr},
    {"queue-mode", one_of<queue_modes>, "queue-mode value", Merge::none, true, false, nullptr},
    {"queue-version", integer<1, 2>, "queue-version value", Merge::operators, true, false, nullptr},
    {"stream-filter-size-bytes", integer<min_filter_size, max_filter_size>, "filter size. Valid range is 16-255",
     Merge::none, false, false, nullptr},
    {"stream-max-segment-size-bytes", integer<0>, "segment size", Merge::none, false, false, nullptr},
    {"target-group-size", integer<0>, "target group size", Merge::operators, false, true, nullptr},
};
static_assert(std::ranges::is_sorted(table, {}, &PolicyKey::name));

} // namespace

std::span<const PolicyKey> policy_keys() {
    return table;
}

const PolicyKey* find_policy_key(std::string_view name) {
    const auto found = std::ranges::lower_bound(table, name, {}, &PolicyKey::name);
    return found == std::end(table) || found->name != name ? nullptr : found;
}

} // namespace broker
