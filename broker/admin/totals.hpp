// The totals of the node, or of what a user may see of it: messages, comings and goings, queue lengths; with rates. On
// the HTTP thread.
#pragma once

#include "broker/admin/api.hpp"
#include "broker/auth/user.hpp"
#include "broker/core/snapshot.hpp"

#include <boost/json/object.hpp>

#include <vector>

namespace broker {

Counts counts_of(const std::vector<VirtualHostPtr>& virtual_hosts);
// Walks through all queues.
boost::asio::awaitable<VirtualHostSnapshot> snapshot_of(Api& api, VirtualHostPtr virtual_host);
boost::asio::awaitable<VirtualHostSnapshot> snapshot_of(Api& api, std::vector<VirtualHostPtr> virtual_hosts);

// message_stats, churn_rates.
boost::json::object totals_json(Api& api, const User& user, const Counts& counts, const SampleRanges& ranges);
// messages, messages_ready, messages_unacknowledged.
boost::json::object lengths_json(Api& api, const User& user, const VirtualHostSnapshot& totals,
                                 const SampleRanges& ranges);

// To be called every five seconds, so that charts of the node have a past. Costs the same however many queues there
// are.
void sample_totals(Api& api);

} // namespace broker
