// What has changed between two states of a virtual host's settings, as events: policies, limits and parameters set and
// cleared. Pure function.
#pragma once

#include "broker/core/virtual_host_settings.hpp"
#include "protocol/field_table.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

// A copy to compare with later.
struct SettingsState {
    explicit SettingsState(const VirtualHostSettings& settings);
    std::map<std::string, PolicyPtr> policies, operator_policies; // by name
    VirtualHostSettings::Limits limits;
    VirtualHostSettings::Parameters parameters;
};

struct SettingsEvent {
    std::string_view key; // "policy.set"
    amqp::FieldTable headers;
};

std::vector<SettingsEvent> settings_events(const SettingsState& before, const SettingsState& after);

} // namespace broker
