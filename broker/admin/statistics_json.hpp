// Counters as RabbitMQ's statistics: each with its "..._details" for Rates to fill, and message_stats [A8, A9]. Pure
// functions.
#pragma once

#include "broker/core/snapshot.hpp"
#include "broker/session/snapshot.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace broker {

// "name": value and "name_details": {"rate": 0.0}
void put_rated(boost::json::object& object, std::string_view name, std::uint64_t value);
// The same for numbers that belong together; all of them, but not before there was something of one of them [A9].
struct NamedCount {
    std::string_view name;
    std::uint64_t value = 0;
};
void put_group(boost::json::object& object, std::initializer_list<NamedCount> counts);

boost::json::object message_stats(const QueueStatistics& statistics);
boost::json::object message_stats(const Counts& counts);
boost::json::object message_stats(const ChannelCounters& counters);
// "connection_created" and so on, into the object.
void put_churn(boost::json::object& object, const VirtualHostCounts<std::uint64_t>& counts);
void put_message_counts(boost::json::object& object, std::uint64_t ready, std::uint64_t unacknowledged);

} // namespace broker
