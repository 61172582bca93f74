// What the arguments of a queue or an exchange, its policy and its operator policy come to together. Pure functions.
#pragma once

#include "broker/core/policy.hpp"
#include "broker/core/queue_options.hpp"
#include "protocol/field_table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace broker {

// The two policies merged, as the API shows it: keys in alphabetical order.
amqp::FieldTable effective_definition(const AppliedPolicies& policies);

// Arguments and policies.
QueueOptions effective_options(QueueOptions from_arguments, const AppliedPolicies& policies);
std::optional<std::string> effective_alternate(const amqp::FieldTable& arguments, const AppliedPolicies& policies);

// For each key that anybody has set: what counts, and who said it.
enum class Origin : std::uint8_t { argument, policy, operator_policy };
struct EffectiveSetting {
    std::string key; // as in policies: "message-ttl"
    amqp::FieldValue value;
    Origin origin = Origin::argument;
};
std::vector<EffectiveSetting> effective_settings(const amqp::FieldTable& arguments, const AppliedPolicies& policies);

} // namespace broker
