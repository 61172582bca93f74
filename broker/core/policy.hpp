// A policy: options for all queues and exchanges whose names match its pattern. Users set policies; operators set
// operator policies, which only lower limits. A plain value, immutable once it is in a PolicySet; shared by the objects
// it applies to.
#pragma once

#include "broker/text/pattern.hpp"
#include "protocol/error.hpp"
#include "protocol/field_table.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

enum class PolicyKind : std::uint8_t { user, operators };

enum class ApplyTo : std::uint8_t { all, queues, classic_queues, quorum_queues, streams, exchanges };
std::string_view name(ApplyTo apply_to); // "classic_queues"
std::optional<ApplyTo> apply_to_of(std::string_view name);

struct Policy {
    std::string name;
    std::string pattern;
    ApplyTo apply_to = ApplyTo::all;
    std::int64_t priority = 0;
    amqp::FieldTable definition;
};

using PolicyPtr = std::shared_ptr<const Policy>;

inline constexpr std::size_t max_policy_name_size = 255;
inline constexpr std::size_t max_policy_keys = 128;

// What applies to one object: at most one policy of each kind.
struct AppliedPolicies {
    PolicyPtr user, operators;
    bool operator==(const AppliedPolicies&) const = default; // the same policies, not equal ones
};

// PRECONDITION_FAILED (HTTP's 400) with RabbitMQ's text: "Validation failed\n\n-5 is not a valid message TTL\n".
amqp::Result<> check_policy(const Policy& policy, PolicyKind kind);
amqp::Error apply_to_refused(std::string_view apply_to); // of a name that apply_to_of does not know
amqp::Error validation_failed(std::string_view reasons);

} // namespace broker
