#include "broker/core/effective_policy.hpp"

#include "broker/core/policy_keys.hpp"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

using amqp::FieldTable;
using amqp::FieldValue;

// Whether the operator's value is the one of the two that counts.
bool operators_counts(const PolicyKey& key, const FieldValue& users, const FieldValue& operators) {
    switch (key.merge) {
    case Merge::none:
        return false;
    case Merge::operators:
        return true;
    case Merge::minimum:
        return *operators.as_integer() < *users.as_integer();
    case Merge::delivery_limit: {
        const std::int64_t user_limit = *users.as_integer(), operator_limit = *operators.as_integer();
        return user_limit < 0 || operator_limit < 0 ? operator_limit > user_limit : operator_limit < user_limit;
    }
    }
    return false;
}

const FieldTable& definition_of(const PolicyPtr& policy) {
    static const FieldTable none;
    return policy == nullptr ? none : policy->definition;
}

struct Chosen {
    const FieldValue* value = nullptr; // null: neither policy says anything
    Origin origin = Origin::policy;
};

Chosen choose(const PolicyKey& key, const AppliedPolicies& policies) {
    const FieldValue* users = definition_of(policies.user).find(key.name);
    const FieldValue* operators = definition_of(policies.operators).find(key.name);
    const bool theirs = operators != nullptr && (users == nullptr || operators_counts(key, *users, *operators));
    return theirs ? Chosen{operators, Origin::operator_policy} : Chosen{users, Origin::policy};
}

// Whether a policy's value counts although there is an argument: of two limits the smaller one.
bool policy_counts(const PolicyKey& key, const FieldValue& argument, const FieldValue& policy) {
    const bool limit = key.merge == Merge::minimum || key.merge == Merge::delivery_limit;
    return limit && argument.as_integer().has_value() && operators_counts(key, argument, policy);
}

} // namespace

FieldTable effective_definition(const AppliedPolicies& policies) {
    FieldTable merged;
    for (const PolicyKey& key : policy_keys()) {
        if (const Chosen chosen = choose(key, policies); chosen.value != nullptr) {
            merged.append(key.name, *chosen.value);
        }
    }
    return merged;
}

QueueOptions effective_options(QueueOptions options, const AppliedPolicies& policies) {
    for (const auto& [name, value] : effective_definition(policies)) {
        if (const PolicyKey* key = find_policy_key(name); key->apply != nullptr) {
            key->apply(value, options);
        }
    }
    return options;
}

std::optional<std::string> effective_alternate(const FieldTable& arguments, const AppliedPolicies& policies) {
    constexpr std::string_view alternate = "alternate-exchange";
    const FieldValue* value = arguments.find(alternate);
    if (value == nullptr) {
        value = choose(*find_policy_key(alternate), policies).value;
    }
    if (value == nullptr || value->as_string() == nullptr) {
        return std::nullopt;
    }
    return *value->as_string();
}

std::vector<EffectiveSetting> effective_settings(const FieldTable& arguments, const AppliedPolicies& policies) {
    std::vector<EffectiveSetting> settings;
    for (const PolicyKey& key : policy_keys()) {
        const FieldValue* argument = arguments.find("x-" + std::string(key.name));
        if (argument == nullptr) {
            argument = arguments.find(key.name); // of an exchange
        }
        const Chosen chosen = choose(key, policies);
        if (chosen.value != nullptr && (argument == nullptr || policy_counts(key, *argument, *chosen.value))) {
            settings.push_back({std::string(key.name), *chosen.value, chosen.origin});
        } else if (argument != nullptr) {
            settings.push_back({std::string(key.name), *argument, Origin::argument});
        }
    }
    return settings;
}

} // namespace broker
