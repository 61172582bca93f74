// Policies and parameters as the JSON of the API and of definitions files, and back. Pure functions.
#pragma once

#include "broker/core/policy.hpp"
#include "protocol/error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace broker {

boost::json::object policy_json(const Policy& policy, std::string_view virtual_host);
// Reads pattern, definition, priority and apply-to; checked.
amqp::Result<Policy> read_policy(const boost::json::object& body, std::string name, PolicyKind kind);

// A value that is kept as text. It was JSON when it came.
boost::json::value stored_json(std::string_view text);

} // namespace broker
