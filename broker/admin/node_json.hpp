// What is known of the node and of the process, as JSON. Reads /proc: cheap, but not free; on the HTTP thread.
#pragma once

#include "broker/admin/node.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace broker {

boost::json::array exchange_types_json();
boost::json::array listeners_json(const Node& node);
boost::json::array contexts_json(const Node& node);
boost::json::object node_json(Node& node, std::size_t sockets_used);
boost::json::object node_memory_json();
boost::json::object relative_node_memory_json(); // in percent

} // namespace broker
