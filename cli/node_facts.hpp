// What reports and checks say about a node alike: its listeners, its alarms.
#pragma once

#include "cli/api.hpp"

#include <boost/json/object.hpp>

namespace cli {

// The node's object in /api/nodes.
boost::json::value node_object(Api& api);
// As rabbitmqctl has them: interface, node, port, protocol, purpose.
boost::json::array listeners_of(Api& api);
std::string listener_text(const boost::json::value& listener);
// `Memory alarm on node rabbit@host`, one text an alarm.
std::vector<std::string> alarms_of(const boost::json::value& node);

} // namespace cli
