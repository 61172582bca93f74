// The AMQP connections of the node as copies, read on their own network threads.
#pragma once

#include "broker/admin/api.hpp"
#include "broker/auth/user.hpp"
#include "broker/session/snapshot.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <string>
#include <vector>

namespace broker {

using SessionFilter = std::function<bool(const SessionSnapshot&)>; // called on network threads: must only read

// Those that the user may see (monitoring users: all, others: their own; nobody: all) and the filter lets through, by
// name.
boost::asio::awaitable<std::vector<SessionSnapshot>> list_sessions(Api& api, UserPtr user, SessionFilter filter = {});

// Closes those that the filter lets through: 320 and the reason. How many there were.
boost::asio::awaitable<std::size_t> close_sessions(Api& api, UserPtr user, SessionFilter filter, std::string reason);

boost::json::object connection_json(const SessionSnapshot& session, std::string_view node);
boost::json::object channel_json(const ChannelSnapshot& channel, const SessionSnapshot& session, std::string_view node);
std::string channel_name(const SessionSnapshot& session, const ChannelSnapshot& channel); // "connection (1)"

} // namespace broker
