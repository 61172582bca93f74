// What the value of a runtime parameter says where it is more than a text: limits and operator policies travel as
// parameters, in definitions files and over HTTP. Pure functions; null: there is no value.
#pragma once

#include "broker/core/policy.hpp"
#include "broker/core/virtual_host_settings.hpp"
#include "protocol/error.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace broker {

inline constexpr std::string_view limits_component = "vhost-limits";
inline constexpr std::string_view operator_policy_component = "operator_policy";

// An object, or an empty list, which RabbitMQ writes when there are none.
amqp::Result<VirtualHostSettings::Limits> read_limits(const boost::json::value* value);
amqp::Result<Policy> read_operator_policy(const boost::json::value* value, std::string name);

} // namespace broker
