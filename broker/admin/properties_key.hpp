// The name of a binding within its source and destination: the routing key, and a hash of the arguments if there are
// any. Stable over restarts: Terraform keeps it. Pure functions.
#pragma once

#include "broker/core/snapshot.hpp"

#include <string>
#include <string_view>

namespace broker {

// "~" for an empty key without arguments; "key"; "key~hash". The key is escaped as in a form.
std::string properties_key(std::string_view routing_key, const amqp::FieldTable& arguments);

// Whether `key`, decoded from a path, means this binding. An unescaped routing key will do, too.
bool has_properties_key(const BindingSnapshot& binding, std::string_view key);

} // namespace broker
