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

boost::json::object message_stats(const VirtualHostSnapshot& totals) {
    QueueStatistics statistics = totals.statistics;
    statistics.published = totals.counters.published; // a message that went to several queues counts once
    boost::json::object stats = message_stats(statistics);
    put_if_counted(stats, "confirm", totals.counters.confirmed);
    put_if_counted(stats, "return_unroutable", totals.counters.returned_unroutable);
    put_if_counted(stats, "drop_unroutable", totals.counters.dropped_unroutable);
    return stats;
}

void put_message_counts(boost::json::object& object, std::uint64_t ready, std::uint64_t unacknowledged) {
    put_rated(object, "messages", ready + unacknowledged);
    put_rated(object, "messages_ready", ready);
    put_rated(object, "messages_unacknowledged", unacknowledged);
}

} // namespace broker
