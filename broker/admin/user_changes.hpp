// Changing users, permissions and the like: waits until the change is durable.
#pragma once

#include "broker/admin/api.hpp"
#include "broker/auth/user_definition.hpp"

namespace broker {

boost::asio::awaitable<amqp::Result<Put>> change_users(Api& api, const User& actor, Node::UserChange change);

// The hash that a definition asks for; made in the background, because that takes its time.
boost::asio::awaitable<amqp::Result<PasswordHash>> hash_password_of(Api& api, UserDefinition definition,
                                                                    Md5 md5 = Md5::refused);

} // namespace broker
