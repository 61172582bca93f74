// The rules for the properties of a published message that need no topology [C27, C29]. Pure functions.
#pragma once

#include "broker/auth/user.hpp"
#include "protocol/error.hpp"
#include "protocol/message.hpp"

#include <memory>
#include <string>
#include <vector>

namespace broker {

using ExtraKeys = std::unique_ptr<std::vector<std::string>>;

// Checks expiration, CC, BCC and user-id of `message`. The result are the routing keys of CC and BCC, null when there
// are none. A message with BCC is replaced by one without: nobody may see it.
amqp::Result<ExtraKeys> apply_publish_rules(amqp::MessagePtr& message, const User& user);

} // namespace broker
