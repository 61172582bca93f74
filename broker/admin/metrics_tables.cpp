#include "broker/admin/metrics_tables.hpp"

#include <array>

namespace broker {
namespace {

using enum MetricType;

std::uint64_t capacity(const QueueFigures& queue) {
    return queue.consumers > 0 && !queue.waiting ? 1 : 0;
}

constexpr auto of_queues = std::to_array<Metric<QueueFigures>>({
    {"queue_coarse_metrics", "queue_messages_ready", "Messages ready to be delivered to consumers", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.ready; }},
    {"queue_coarse_metrics", "queue_messages_unacked", "Messages delivered to consumers but not yet acknowledged",
     gauge, [](const QueueFigures& q) -> std::uint64_t { return q.unacked; }},
    {"queue_coarse_metrics", "queue_messages", "Sum of ready and unacknowledged messages", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.ready + q.unacked; }},
    {"queue_coarse_metrics", "queue_process_reductions_total", "Not counted: always 0", counter,
     [](const QueueFigures&) -> std::uint64_t { return 0; }},
    {"queue_consumer_count", "queue_consumers", "Consumers on a queue", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.consumers; }},
    {"queue_metrics", "queue_consumer_capacity", "Whether consumers can take more at once", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return capacity(q); }},
    {"queue_metrics", "queue_consumer_utilisation", "Same as consumer capacity", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return capacity(q); }},
    {"queue_metrics", "queue_process_memory_bytes", "Memory used by the queue", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return sizeof(Queue) + q.footprint; }},
    {"queue_metrics", "queue_messages_ram", "Ready and unacknowledged messages in memory", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.resident + q.unacked; }},
    {"queue_metrics", "queue_messages_ram_bytes", "Size of ready and unacknowledged messages in memory", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.footprint + q.unacked_bytes; }},
    {"queue_metrics", "queue_messages_ready_ram", "Ready messages in memory", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.resident; }},
    {"queue_metrics", "queue_messages_unacked_ram", "Unacknowledged messages in memory", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.unacked; }},
    {"queue_metrics", "queue_messages_persistent", "Persistent messages", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.durable ? q.ready + q.unacked : 0; }},
    {"queue_metrics", "queue_messages_persistent_bytes", "Size of persistent messages", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.durable ? q.ready_bytes + q.unacked_bytes : 0; }},
    {"queue_metrics", "queue_messages_bytes", "Size of ready and unacknowledged messages", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.ready_bytes + q.unacked_bytes; }},
    {"queue_metrics", "queue_messages_ready_bytes", "Size of ready messages", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.ready_bytes; }},
    {"queue_metrics", "queue_messages_unacked_bytes", "Size of all unacknowledged messages", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.unacked_bytes; }},
    {"queue_metrics", "queue_messages_paged_out", "Messages on disk only", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.ready - q.resident; }},
    {"queue_metrics", "queue_messages_paged_out_bytes", "Size of messages on disk only, if all are of one size", gauge,
     [](const QueueFigures& q) -> std::uint64_t {
         return q.ready == 0 ? 0 : q.ready_bytes * (q.ready - q.resident) / q.ready;
     }},
    {"queue_metrics", "queue_head_message_timestamp", "Timestamp of the first message in the queue, if any", gauge,
     [](const QueueFigures& q) -> std::uint64_t { return q.head_timestamp_s; }},
    {"queue_delivery_metrics", "queue_messages_published_total", "Messages published to queues", counter,
     [](const QueueFigures& q) -> std::uint64_t { return q.statistics.published; }},
    {"queue_delivery_metrics", "queue_get_ack_total", "Messages fetched with basic.get, to be acknowledged", counter,
     [](const QueueFigures& q) -> std::uint64_t { return q.statistics.got; }},
    {"queue_delivery_metrics", "queue_get_total", "Messages fetched with basic.get, acknowledged by that", counter,
     [](const QueueFigures& q) -> std::uint64_t { return q.statistics.got_no_ack; }},
    {"queue_delivery_metrics", "queue_messages_delivered_ack_total", "Messages delivered, to be acknowledged", counter,
     [](const QueueFigures& q) -> std::uint64_t { return q.statistics.delivered; }},
    {"queue_delivery_metrics", "queue_messages_delivered_total", "Messages delivered, acknowledged by that", counter,
     [](const QueueFigures& q) -> std::uint64_t { return q.statistics.delivered_no_ack; }},
    {"queue_delivery_metrics", "queue_messages_redelivered_total", "Messages redelivered to consumers", counter,
     [](const QueueFigures& q) -> std::uint64_t { return q.statistics.redelivered; }},
    {"queue_delivery_metrics", "queue_messages_acked_total", "Messages acknowledged by consumers", counter,
     [](const QueueFigures& q) -> std::uint64_t { return q.statistics.acknowledged; }},
    {"queue_delivery_metrics", "queue_get_empty_total", "Times basic.get fetched no message", counter,
     [](const QueueFigures& q) -> std::uint64_t { return q.statistics.get_empty; }},
});

constexpr auto info_of_queues = std::to_array<Metric<QueueFigures>>({
    {"queue_info", "queue_info", "Which queues there are, and of which type", gauge,
     [](const QueueFigures&) -> std::uint64_t { return 1; },
     [](const QueueFigures& q) -> std::string_view {
         return q.type == QueueType::quorum ? R"(,queue_type="rabbit_quorum_queue",membership="leader")"
                                            : R"(,queue_type="rabbit_classic_queue",membership="leader")";
     }},
});

constexpr auto of_exchanges = std::to_array<Metric<ExchangeFigures>>({
    {"exchange_metrics", "exchange_messages_published_total", "Messages published into an exchange", counter,
     [](const ExchangeFigures& x) -> std::uint64_t { return x.published; }},
    {"exchange_metrics", "exchange_messages_unroutable_returned_total", "Messages returned to the publisher", counter,
     [](const ExchangeFigures& x) -> std::uint64_t { return x.returned; }},
    {"exchange_metrics", "exchange_messages_unroutable_dropped_total", "Messages that no queue got", counter,
     [](const ExchangeFigures& x) -> std::uint64_t { return x.dropped; }},
});

constexpr auto of_exchange_names = std::to_array<Metric<ExchangeFigures>>({
    {"exchange_names", "exchange_name", "Which exchanges there are", gauge,
     [](const ExchangeFigures&) -> std::uint64_t { return 1; }},
    {"exchange_bindings", "exchange_bindings", "Bindings that start from an exchange", gauge,
     [](const ExchangeFigures& x) -> std::uint64_t { return x.bindings; }},
});

constexpr auto of_channels = std::to_array<Metric<ChannelFigures>>({
    {"channel_metrics", "channel_consumers", "Consumers on a channel", gauge,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.consumers.size(); }},
    {"channel_metrics", "channel_messages_unacked", "Delivered but not yet acknowledged messages", gauge,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.messages_unacknowledged; }},
    {"channel_metrics", "channel_messages_unconfirmed", "Published but not yet confirmed messages", gauge,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.messages_unconfirmed; }},
    {"channel_metrics", "channel_messages_uncommitted", "Messages of a transaction not yet committed", gauge,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.messages_uncommitted; }},
    {"channel_metrics", "channel_acks_uncommitted", "Acknowledgements of a transaction not yet committed", gauge,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.acks_uncommitted; }},
    {"channel_metrics", "consumer_prefetch", "Limit of unacknowledged messages for each consumer", gauge,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.prefetch; }},
    {"channel_metrics", "channel_prefetch", "Limit of unacknowledged messages for a channel", gauge,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.global_prefetch; }},
    {"channel_process_metrics", "channel_process_reductions_total", "Not counted: always 0", counter,
     [](const ChannelFigures&) -> std::uint64_t { return 0; }},
    {"channel_exchange_metrics", "channel_messages_published_total", "Messages published on a channel", counter,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.counters.publish; }},
    {"channel_exchange_metrics", "channel_messages_confirmed_total", "Messages confirmed on a channel", counter,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.counters.confirm; }},
    {"channel_exchange_metrics", "channel_messages_unroutable_returned_total", "Messages returned to the publisher",
     counter, [](const ChannelFigures& c) -> std::uint64_t { return c.channel.counters.return_unroutable; }},
    {"channel_queue_metrics", "channel_get_ack_total", "Messages fetched with basic.get, to be acknowledged", counter,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.counters.get; }},
    {"channel_queue_metrics", "channel_get_total", "Messages fetched with basic.get, acknowledged by that", counter,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.counters.get_no_ack; }},
    {"channel_queue_metrics", "channel_messages_delivered_ack_total", "Messages delivered, to be acknowledged", counter,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.counters.deliver; }},
    {"channel_queue_metrics", "channel_messages_delivered_total", "Messages delivered, acknowledged by that", counter,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.counters.deliver_no_ack; }},
    {"channel_queue_metrics", "channel_messages_redelivered_total", "Messages redelivered to consumers", counter,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.counters.redeliver; }},
    {"channel_queue_metrics", "channel_messages_acked_total", "Messages acknowledged by consumers", counter,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.counters.ack; }},
    {"channel_queue_metrics", "channel_get_empty_total", "Times basic.get fetched no message", counter,
     [](const ChannelFigures& c) -> std::uint64_t { return c.channel.counters.get_empty; }},
});

constexpr auto of_connections = std::to_array<Metric<ConnectionFigures>>({
    {"connection_coarse_metrics", "connection_incoming_bytes_total", "Octets received on a connection", counter,
     [](const ConnectionFigures& c) -> std::uint64_t { return c.octets_received; }},
    {"connection_coarse_metrics", "connection_outgoing_bytes_total", "Octets sent on a connection", counter,
     [](const ConnectionFigures& c) -> std::uint64_t { return c.octets_sent; }},
    {"connection_coarse_metrics", "connection_process_reductions_total", "Not counted: always 0", counter,
     [](const ConnectionFigures&) -> std::uint64_t { return 0; }},
    {"connection_metrics", "connection_incoming_packets_total", "Reads of a connection's socket", counter,
     [](const ConnectionFigures& c) -> std::uint64_t { return c.reads; }},
    {"connection_metrics", "connection_outgoing_packets_total", "Writes to a connection's socket", counter,
     [](const ConnectionFigures& c) -> std::uint64_t { return c.writes; }},
    {"connection_metrics", "connection_pending_packets", "Octets waiting to be sent on a connection", gauge,
     [](const ConnectionFigures& c) -> std::uint64_t { return c.octets_pending; }},
    {"connection_metrics", "connection_channels", "Channels on a connection", gauge,
     [](const ConnectionFigures& c) -> std::uint64_t { return c.channels; }},
});

} // namespace

QueueFigures QueueFigures::of(const Queue& queue) {
    QueueFigures figures;
    figures.type = queue.definition().options.type;
    figures.durable = queue.definition().durable;
    figures.waiting = queue.ready() > 0 && !queue.consumers().empty();
    figures.ready = queue.ready();
    figures.unacked = queue.unacked();
    figures.ready_bytes = queue.ready_bytes();
    figures.unacked_bytes = queue.unacked_bytes();
    figures.resident = queue.resident();
    figures.footprint = queue.footprint();
    figures.consumers = queue.consumers().size();
    figures.head_timestamp_s = broker::head_timestamp_s(queue).value_or(0);
    figures.statistics = queue.statistics();
    return figures;
}

ExchangeFigures ExchangeFigures::of(const Exchange& exchange) {
    return {{},
            exchange.published_in,
            exchange.returned_unroutable,
            exchange.dropped_unroutable,
            exchange.bindings().size()};
}

std::span<const Metric<QueueFigures>> queue_metrics() {
    return of_queues;
}

std::span<const Metric<QueueFigures>> queue_info_metrics() {
    return info_of_queues;
}

std::span<const Metric<ExchangeFigures>> exchange_metrics() {
    return of_exchanges;
}

std::span<const Metric<ExchangeFigures>> exchange_name_metrics() {
    return of_exchange_names;
}

std::span<const Metric<ChannelFigures>> channel_metrics() {
    return of_channels;
}

std::span<const Metric<ConnectionFigures>> connection_metrics() {
    return of_connections;
}

} // namespace broker
