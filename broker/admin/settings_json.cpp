#include "broker/admin/settings_json.hpp"

#include "broker/admin/parameter_values.hpp"
#include "broker/admin/policy_json.hpp"
#include "broker/admin/text.hpp"

namespace broker {
namespace {

namespace json = boost::json;

json::object parameter(std::string_view component, std::string_view name, json::value value, std::string_view host) {
    return {{"component", json_text(component)},
            {"name", json_text(name)},
            {"value", std::move(value)},
            {"vhost", json_text(host)}};
}

} // namespace

json::object limits_json(const VirtualHostSettings::Limits& limits) {
    json::object object;
    for (const auto& [limit, value] : limits) {
        object[limit] = value;
    }
    return object;
}

SettingsCopy copy_settings(VirtualHost& host) {
    SettingsCopy copy;
    for (const PolicySet::Entry& entry : host.settings().policies().user.entries()) {
        copy.user.push_back(entry.policy);
    }
    for (const PolicySet::Entry& entry : host.settings().policies().operators.entries()) {
        copy.operators.push_back(entry.policy);
    }
    copy.limits = host.settings().limits();
    copy.parameters = host.settings().parameters();
    return copy;
}

json::array parameters_json(const SettingsCopy& settings, const std::string& virtual_host) {
    json::array parameters;
    for (const PolicyPtr& policy : settings.operators) {
        json::object value = policy_json(*policy, virtual_host);
        value.erase("name");
        value.erase("vhost");
        parameters.push_back(parameter(operator_policy_component, policy->name, std::move(value), virtual_host));
    }
    if (!settings.limits.empty()) {
        parameters.push_back(parameter(limits_component, "limits", limits_json(settings.limits), virtual_host));
    }
    for (const auto& [key, value] : settings.parameters) {
        parameters.push_back(parameter(key.first, key.second, stored_json(value), virtual_host));
    }
    return parameters;
}

} // namespace broker
