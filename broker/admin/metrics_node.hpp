// What Prometheus is told of the node as a whole [section 6.5]: who it is, its process, what it has, what has come and
// gone, messages in all. On the HTTP thread.
#pragma once

#include "broker/admin/api.hpp"
#include "broker/admin/metrics_page.hpp"

#include <set>
#include <string_view>

namespace broker {

// Dashboards join on it by instance.
void put_identity(Api& api, MetricsPage& page, std::string_view endpoint);

// Everything of the node, with its identity.
boost::asio::awaitable<void> put_node(Api& api, MetricsPage& page, std::string_view endpoint);

void put_virtual_host_status(Api& api, MetricsPage& page);

// Those families of /metrics/detailed that are of the node.
void put_families(Api& api, MetricsPage& page, const std::set<std::string_view>& families);

} // namespace broker
