// Puts a definitions file into effect: a merge, what is there already stays as it is. All checks come first; only then
// does anything change. Coroutine on the HTTP thread.
#pragma once

#include "broker/admin/api.hpp"
#include "broker/admin/definitions.hpp"

namespace broker {

boost::asio::awaitable<amqp::Result<>> import_definitions(Api& api, UserPtr who, Definitions definitions);

} // namespace broker
