#include "broker/admin/statistics_json.hpp"

#include <algorithm>
#include <string>

namespace broker {

namespace json = boost::json;

void put_rated(json::object& object, std::string_view name, std::uint64_t value) {
    object[name] = value;
    object[std::string(name) + "_details"] = json::object{{"rate", 0.0}};
}

void put_group(json::object& object, std::initializer_list<NamedCount> counts) {
    if (std::ranges::any_of(counts, [](const NamedCount& count) { return count.value > 0; })) {
        for (const NamedCount& count : counts) {
            put_rated(object, count.name, count.value);
        }
    }
}

namespace {

template <class Counted>
void put_deliveries(json::object& stats, const Counted& counted) {
    put_group(stats, {{"deliver", counted.delivered},
                      {"deliver_no_ack", counted.delivered_no_ack},
                      {"get", counted.got},
                      {"get_no_ack", counted.got_no_ack},
                      {"get_empty", counted.get_empty},
                      {"deliver_get",
                       counted.delivered + counted.delivered_no_ack + counted.got + counted.got_no_ack},
                      {"redeliver", counted.redelivered},
                      {"ack", counted.acknowledged}});
}

} // namespace

json::object message_stats(const QueueStatistics& statistics) {
    json::object stats;
    put_group(stats, {{"publish", statistics.published}});
    put_deliveries(stats, statistics);
    return stats;
}

json::object message_stats(const Counts& counts) {
    json::object stats;
    put_group(stats, {{"publish", counts.host.published}, // a message that went to several queues counts once
                      {"confirm", counts.host.confirmed},
                      {"return_unroutable", counts.host.returned_unroutable},
                      {"drop_unroutable", counts.host.dropped_unroutable}});
    put_deliveries(stats, counts.queues);
    return stats;
}

json::object message_stats(const ChannelCounters& counters) {
    json::object stats;
    put_group(stats, {{"publish", counters.publish},
                      {"confirm", counters.confirm},
                      {"return_unroutable", counters.return_unroutable}});
    QueueStatistics deliveries;
    deliveries.delivered = counters.deliver;
    deliveries.delivered_no_ack = counters.deliver_no_ack;
    deliveries.got = counters.get;
    deliveries.got_no_ack = counters.get_no_ack;
    deliveries.get_empty = counters.get_empty;
    deliveries.redelivered = counters.redeliver;
    deliveries.acknowledged = counters.ack;
    put_deliveries(stats, deliveries);
    return stats;
}

void put_churn(json::object& object, const VirtualHostCounts<std::uint64_t>& counts) {
    put_rated(object, "connection_created", counts.connections_created);
    put_rated(object, "connection_closed", counts.connections_closed);
    put_rated(object, "channel_created", counts.channels_created);
    put_rated(object, "channel_closed", counts.channels_closed);
    put_rated(object, "queue_declared", counts.queues_declared);
    put_rated(object, "queue_created", counts.queues_created);
    put_rated(object, "queue_deleted", counts.queues_deleted);
}

void put_message_counts(json::object& object, std::uint64_t ready, std::uint64_t unacknowledged) {
    put_rated(object, "messages", ready + unacknowledged);
    put_rated(object, "messages_ready", ready);
    put_rated(object, "messages_unacknowledged", unacknowledged);
}

} // namespace broker
