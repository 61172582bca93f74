// Changing the settings of a virtual host (policies, limits, parameters): waits until the change is durable.
#pragma once

#include "broker/admin/api.hpp"
#include "broker/admin/http_message.hpp"

#include <functional>

namespace broker {

// True: something was made that was not there, or (deletions) something that was there is not any more.
boost::asio::awaitable<amqp::Result<bool>> change_settings(Api& api, const User& actor, VirtualHostPtr virtual_host,
                                                           VirtualHost::SettingsChange change);

HttpResult put_response(const amqp::Result<bool>& created);
HttpResult delete_response(const amqp::Result<bool>& deleted);

} // namespace broker
