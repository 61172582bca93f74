// Changing users, permissions and the like: waits until the change is durable.
#pragma once

#include "broker/admin/api.hpp"

namespace broker {

boost::asio::awaitable<amqp::Result<Put>> change_users(Api& api, Node::UserChange change);

} // namespace broker
