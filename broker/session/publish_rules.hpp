// The rules for the properties of a published message that need no topology [C27, C29]. Pure functions.
#pragma once

#include "broker/auth/user.hpp"
#include "protocol/error.hpp"
#include "protocol/message.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

using ExtraKeys = std::unique_ptr<std::vector<std::string>>;

// Checks reply-to, expiration, CC, BCC and user-id of `message`. A reply-to that asks for direct reply-to becomes
// `reply_address`, which is empty if the channel has none. The result are the routing keys of CC and BCC, null when
// there are none. A message with BCC is replaced by one without: nobody may see it.
amqp::Result<ExtraKeys> apply_publish_rules(amqp::MessagePtr& message, const User& user,
                                            std::string_view reply_address);

} // namespace broker
