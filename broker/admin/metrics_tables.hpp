// What Prometheus is told of queues, exchanges, channels and connections: names, helps and families are RabbitMQ's
// [section 6.5]. Objects are small copies: there may be very many of them.
#pragma once

#include "broker/admin/metrics_page.hpp"
#include "broker/core/snapshot.hpp"
#include "broker/session/snapshot.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace broker {

struct QueueFigures {
    std::string labels;
    QueueType type = QueueType::classic;
    bool durable = false, waiting = false;
    std::uint64_t ready = 0, unacked = 0, ready_bytes = 0, unacked_bytes = 0, resident = 0, footprint = 0;
    std::uint64_t consumers = 0, head_timestamp_s = 0;
    QueueStatistics statistics;

    static QueueFigures of(const Queue& queue); // without labels; on the strand
};

struct ExchangeFigures {
    std::string labels;
    std::uint64_t published = 0, returned = 0, dropped = 0, bindings = 0;

    static ExchangeFigures of(const Exchange& exchange); // without labels; on the strand
};

struct ChannelFigures {
    std::string labels;
    ChannelSnapshot channel;
};

struct ConnectionFigures {
    std::string labels;
    std::uint64_t octets_received = 0, octets_sent = 0, octets_pending = 0, reads = 0, writes = 0, channels = 0;
};

std::span<const Metric<QueueFigures>> queue_metrics();
// What a queue is, among the labels of a constant.
std::span<const Metric<QueueFigures>> queue_info_metrics();
std::span<const Metric<ExchangeFigures>> exchange_metrics();
// Of exchanges with their types among the labels; cluster-wide in RabbitMQ, so with another prefix.
std::span<const Metric<ExchangeFigures>> exchange_name_metrics();
std::span<const Metric<ChannelFigures>> channel_metrics();
std::span<const Metric<ConnectionFigures>> connection_metrics();

} // namespace broker
