#include "broker/admin/statistics_json.hpp"

#include <string>

namespace broker {

void put_rated(boost::json::object& object, std::string_view name, std::uint64_t value) {
    object[name] = value;
    object[std::string(name) + "_details"] = boost::json::object{{"rate", 0.0}};
}

void put_if_counted(boost::json::object& object, std::string_view name, std::uint64_t value) {
    if (value > 0) {
        put_rated(object, name, value);
    }
}

boost::json::object message_stats(const QueueStatistics& statistics) {
    boost::json::object stats;
    put_if_counted(stats, "publish", statistics.published);
    put_if_counted(stats, "deliver", statistics.delivered);
    put_if_counted(stats, "deliver_no_ack", statistics.delivered_no_ack);
    put_if_counted(stats, "get", statistics.got);
    put_if_counted(stats, "get_no_ack", statistics.got_no_ack);
    put_if_counted(stats, "get_empty", statistics.get_empty);
    put_if_counted(stats, "deliver_get",
                   statistics.delivered + statistics.delivered_no_ack + statistics.got + statistics.got_no_ack);
    put_if_counted(stats, "redeliver", statistics.redelivered);
    put_if_counted(stats, "ack", statistics.acknowledged);
    return stats;
}

boost::json::object message_stats(const Counts& counts) {
    QueueStatistics statistics = counts.queues;
    statistics.published = counts.host.published; // a message that went to several queues counts once
    boost::json::object stats = message_stats(statistics);
    put_if_counted(stats, "confirm", counts.host.confirmed);
    put_if_counted(stats, "return_unroutable", counts.host.returned_unroutable);
    put_if_counted(stats, "drop_unroutable", counts.host.dropped_unroutable);
    return stats;
}

boost::json::object message_stats(const ChannelCounters& counters) {
    boost::json::object stats;
    put_if_counted(stats, "publish", counters.publish);
    put_if_counted(stats, "confirm", counters.confirm);
    put_if_counted(stats, "return_unroutable", counters.return_unroutable);
    put_if_counted(stats, "deliver", counters.deliver);
    put_if_counted(stats, "deliver_no_ack", counters.deliver_no_ack);
    put_if_counted(stats, "get", counters.get);
    put_if_counted(stats, "get_no_ack", counters.get_no_ack);
    put_if_counted(stats, "deliver_get",
                   counters.deliver + counters.deliver_no_ack + counters.get + counters.get_no_ack);
    put_if_counted(stats, "redeliver", counters.redeliver);
    put_if_counted(stats, "ack", counters.ack);
    return stats;
}

void put_churn(boost::json::object& object, const VirtualHostCounts<std::uint64_t>& counts) {
    put_rated(object, "connection_created", counts.connections_created);
    put_rated(object, "connection_closed", counts.connections_closed);
    put_rated(object, "channel_created", counts.channels_created);
    put_rated(object, "channel_closed", counts.channels_closed);
    put_rated(object, "queue_declared", counts.queues_declared);
    put_rated(object, "queue_created", counts.queues_created);
    put_rated(object, "queue_deleted", counts.queues_deleted);
}

void put_message_counts(boost::json::object& object, std::uint64_t ready, std::uint64_t unacknowledged) {
    put_rated(object, "messages", ready + unacknowledged);
    put_rated(object, "messages_ready", ready);
    put_rated(object, "messages_unacknowledged", unacknowledged);
}

} // namespace broker
