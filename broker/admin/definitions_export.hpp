// What is there, as a definitions file. Coroutines on the HTTP thread.
#pragma once

#include "broker/admin/api.hpp"

#include <boost/json/object.hpp>

namespace broker {

boost::asio::awaitable<boost::json::object> export_definitions(Api& api);
boost::asio::awaitable<boost::json::object> export_definitions(Api& api, VirtualHostPtr virtual_host);

} // namespace broker
