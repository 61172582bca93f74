// The settings of a virtual host, copied on its strand, and its runtime parameters as RabbitMQ lists them: operator
// policies and limits are parameters, too; policies are not. Pure functions.
#pragma once

#include "broker/core/policy.hpp"
#include "broker/core/virtual_host.hpp"
#include "broker/core/virtual_host_settings.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace broker {

struct SettingsCopy {
    std::vector<PolicyPtr> user, operators;
    VirtualHostSettings::Limits limits;
    VirtualHostSettings::Parameters parameters;
};

SettingsCopy copy_settings(VirtualHost& host);

boost::json::object limits_json(const VirtualHostSettings::Limits& limits);
// component, name, value, vhost.
boost::json::array parameters_json(const SettingsCopy& settings, const std::string& virtual_host);

} // namespace broker
