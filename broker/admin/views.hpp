// Core's snapshots as the JSON objects of the API [section 6.3]. Pure functions.
#pragma once

#include "broker/admin/node.hpp"
#include "broker/core/snapshot.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace broker {

boost::json::object queue_json(const QueueSnapshot& queue, std::string_view virtual_host, std::string_view node);
boost::json::object exchange_json(const ExchangeSnapshot& exchange, std::string_view virtual_host);
boost::json::object binding_json(const BindingSnapshot& binding, std::string_view virtual_host);
boost::json::object consumer_json(const ConsumerSnapshot& consumer, std::string_view virtual_host,
                                  const NodeInfo& node);

// The one that RabbitMQ shows for every queue from the default exchange.
BindingSnapshot default_binding(std::string_view queue);

// The two ends of a connection, read from its name: "127.0.0.1:49152 -> 127.0.0.1:5672".
struct ConnectionEnds {
    std::string peer_host, host;
    unsigned peer_port = 0, port = 0;
};
ConnectionEnds ends_of(std::string_view connection_name);

} // namespace broker
