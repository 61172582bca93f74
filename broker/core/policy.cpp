#include "broker/core/policy.hpp"

#include "broker/core/erlang_term.hpp"
#include "broker/core/policy_keys.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace broker {
namespace {

constexpr std::array<std::pair<ApplyTo, std::string_view>, 6> apply_to_names{{
    {ApplyTo::all, "all"},
    {ApplyTo::queues, "queues"},
    {ApplyTo::classic_queues, "classic_queues"},
    {ApplyTo::quorum_queues, "quorum_queues"},
    {ApplyTo::streams, "streams"},
    {ApplyTo::exchanges, "exchanges"},
}};

// What is wrong with a definition; empty if nothing.
std::string refusal_of(const amqp::FieldTable& definition, PolicyKind kind) {
    if (definition.empty()) {
        return "no policy provided";
    }
    if (definition.size() > max_policy_keys) {
        return fmt::format("more than {} keys", max_policy_keys);
    }
    amqp::FieldTable unknown, seen;
    for (const auto& [key, value] : definition) {
        if (seen.contains(key)) {
            return fmt::format("[{}] duplicate keys not allowed", erlang_term(key));
        }
        seen.set(key, true);
        const PolicyKey* known = find_policy_key(key);
        if (known == nullptr || (kind == PolicyKind::operators && known->merge == Merge::none)) {
            unknown.append(key, value);
        } else if (!known->accepts(value)) {
            return fmt::format("{} is not a valid {}", erlang_term(value), known->meaning);
        }
    }
    return unknown.empty() ? std::string()
                           : fmt::format("{} are not recognised policy settings", erlang_pairs(unknown));
}

} // namespace

std::string_view name(ApplyTo apply_to) {
    return apply_to_names[static_cast<std::size_t>(apply_to)].second;
}

std::optional<ApplyTo> apply_to_of(std::string_view name) {
    for (const auto& [apply_to, its_name] : apply_to_names) {
        if (its_name == name) {
            return apply_to;
        }
    }
    return std::nullopt;
}

amqp::Error validation_failed(std::string_view reasons) {
    return amqp::precondition_failed(fmt::format("Validation failed\n\n{}\n", reasons));
}

amqp::Error apply_to_refused(std::string_view apply_to) {
    return validation_failed(fmt::format("apply-to '{}' unrecognised; should be one of: 'queues', 'classic_queues',  "
                                         "'quorum_queues', 'streams', 'exchanges', or 'all'",
                                         apply_to.substr(0, max_policy_name_size)));
}

amqp::Result<> check_policy(const Policy& policy, PolicyKind kind) {
    if (policy.name.size() > max_policy_name_size) {
        return validation_failed(fmt::format("the name of a policy has at most {} bytes", max_policy_name_size));
    }
    std::string reasons = refusal_of(policy.definition, kind);
    if (const auto pattern = Pattern::compile(policy.pattern); !pattern) {
        reasons.append(reasons.empty() ? "" : "\n");
        reasons.append(fmt::format("pattern should be regular expression but is invalid: {}", pattern.error().text));
    }
    if (!reasons.empty()) {
        return validation_failed(reasons);
    }
    return {};
}

} // namespace broker
