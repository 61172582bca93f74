// The AMQP connections of the node as copies, read on their own network threads.
#pragma once

#include "broker/admin/api.hpp"
#include "broker/admin/listing.hpp"
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

std::string channel_name(const SessionSnapshot& session, const ChannelSnapshot& channel); // "connection (1)"

// With their rates.
boost::json::object describe_connection(Api& api, const SessionSnapshot& session, const SampleRanges& ranges);
boost::json::object describe_channel(Api& api, const SessionSnapshot& session, const ChannelSnapshot& channel,
                                     const SampleRanges& ranges);

// Only what is on the page is described: nobody else's rates need to be known.
HttpResponse answer_connections(Api& api, const std::vector<SessionSnapshot>& sessions, const Listing& listing);
HttpResponse answer_channels(Api& api, const std::vector<SessionSnapshot>& sessions, const Listing& listing);

} // namespace broker
