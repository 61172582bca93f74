#include "broker/core/settings_events.hpp"

#include <utility>

namespace broker {
namespace {

amqp::FieldTable table_of(const VirtualHostSettings::Limits& limits) {
    amqp::FieldTable table;
    for (const auto& [name, value] : limits) {
        table.append(name, value);
    }
    return table;
}

amqp::FieldTable table_of(const Policy& policy) {
    return {{"pattern", policy.pattern},
            {"apply-to", name(policy.apply_to)},
            {"priority", policy.priority},
            {"definition", policy.definition}};
}

// RabbitMQ keeps limits and operator policies as parameters and tells of them as such, too.
amqp::FieldTable parameter(std::string_view component, std::string_view name) {
    return {{"component", component}, {"name", name}};
}
amqp::FieldTable parameter(std::string_view component, std::string_view name, amqp::FieldValue value) {
    return {{"component", component}, {"name", name}, {"value", std::move(value)}};
}

using PoliciesByName = std::map<std::string, PolicyPtr>;

PoliciesByName by_name(const PolicySet& policies) {
    PoliciesByName result;
    for (const PolicySet::Entry& entry : policies.entries()) {
        result[entry.policy->name] = entry.policy;
    }
    return result;
}

void add_policies(bool of_operator, const PoliciesByName& before, const PoliciesByName& after,
                  std::vector<SettingsEvent>& events) {
    for (const auto& [name, now] : after) {
        const Policy& policy = *now;
        if (const auto old = before.find(name); old != before.end() && old->second == now) {
            continue;
        }
        amqp::FieldTable headers = table_of(policy);
        if (of_operator) {
            events.push_back({"parameter.set", parameter("operator_policy", policy.name, headers)});
        }
        headers.append("name", policy.name);
        events.push_back({"policy.set", std::move(headers)});
    }
    for (const auto& [policy, old] : before) {
        if (after.contains(policy)) {
            continue;
        }
        if (of_operator) {
            events.push_back({"parameter.cleared", parameter("operator_policy", policy)});
        }
        events.push_back({of_operator ? "operator.policy.cleared" : "policy.cleared", {{"name", policy}}});
    }
}

void add_limits(const VirtualHostSettings::Limits& before, const VirtualHostSettings::Limits& after,
                std::vector<SettingsEvent>& events) {
    if (before == after) {
        return;
    }
    constexpr std::string_view name = "limits", component = "vhost-limits";
    amqp::FieldTable limits = table_of(after);
    events.push_back({"parameter.set", parameter(component, name, limits)});
    limits.append("name", name);
    events.push_back({after.empty() ? "vhost.limits.cleared" : "vhost.limits.set", std::move(limits)});
}

void add_parameters(const VirtualHostSettings::Parameters& before, const VirtualHostSettings::Parameters& after,
                    std::vector<SettingsEvent>& events) {
    for (const auto& [key, value] : after) {
        const auto old = before.find(key);
        if (old == before.end() || old->second != value) {
            events.push_back({"parameter.set", parameter(key.first, key.second, value)}); // JSON, as text
        }
    }
    for (const auto& [key, value] : before) {
        if (!after.contains(key)) {
            events.push_back({"parameter.cleared", parameter(key.first, key.second)});
        }
    }
}

} // namespace

SettingsState::SettingsState(const VirtualHostSettings& settings)
    : policies(by_name(settings.policies().user)),
      operator_policies(by_name(settings.policies().operators)),
      limits(settings.limits()),
      parameters(settings.parameters()) {}

std::vector<SettingsEvent> settings_events(const SettingsState& before, const SettingsState& after) {
    std::vector<SettingsEvent> events;
    add_policies(false, before.policies, after.policies, events);
    add_policies(true, before.operator_policies, after.operator_policies, events);
    add_limits(before.limits, after.limits, events);
    add_parameters(before.parameters, after.parameters, events);
    return events;
}

} // namespace broker
