// What is counted of messages and of the coming and going of things: by a queue for itself (plain numbers, on the
// strand), by a virtual host for all of it (Counters, which other threads read). What has gone stays counted in the
// latter.
#pragma once

#include "broker/metrics/counter.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace broker {

template <class Number>
struct QueueCounts {
    Number published{}, delivered{}, delivered_no_ack{}, got{}, got_no_ack{}, get_empty{};
    Number redelivered{}, acknowledged{};

    template <class Other>
    QueueCounts& operator+=(const QueueCounts<Other>& other) {
        published += other.published;
        delivered += other.delivered;
        delivered_no_ack += other.delivered_no_ack;
        got += other.got;
        got_no_ack += other.got_no_ack;
        get_empty += other.get_empty;
        redelivered += other.redelivered;
        acknowledged += other.acknowledged;
        return *this;
    }
};
using QueueStatistics = QueueCounts<std::uint64_t>;

// The sizes of published bodies, as RabbitMQ sorts them [6.5].
constexpr std::array<std::uint64_t, 8> message_size_bounds{100,       1'000,      10'000,     100'000,
                                                           1'000'000, 10'000'000, 50'000'000, 100'000'000};

template <class Number>
struct MessageSizes {
    std::array<Number, message_size_bounds.size() + 1> messages{}; // each by the first bound that holds it
    Number bytes{};

    void count(std::uint64_t size) {
        const auto bound = std::ranges::lower_bound(message_size_bounds, size);
        ++messages[static_cast<std::size_t>(bound - message_size_bounds.begin())];
        bytes += size;
    }

    template <class Other>
    MessageSizes& operator+=(const MessageSizes<Other>& other) {
        for (std::size_t i = 0; i < messages.size(); ++i) {
            messages[i] += other.messages[i];
        }
        bytes += other.bytes;
        return *this;
    }
};

template <class Number>
struct VirtualHostCounts {
    Number published{}, published_confirm{}, confirmed{}, returned_unroutable{}, dropped_unroutable{};
    Number connections_created{}, connections_closed{}, channels_created{}, channels_closed{};
    Number queues_declared{}, queues_created{}, queues_deleted{};
    std::array<Number, 4> dead_lettered{}; // by DeathReason
    MessageSizes<Number> message_sizes;    // of what was published

    template <class Other>
    VirtualHostCounts& operator+=(const VirtualHostCounts<Other>& other) {
        published += other.published;
        published_confirm += other.published_confirm;
        confirmed += other.confirmed;
        returned_unroutable += other.returned_unroutable;
        dropped_unroutable += other.dropped_unroutable;
        connections_created += other.connections_created;
        connections_closed += other.connections_closed;
        channels_created += other.channels_created;
        channels_closed += other.channels_closed;
        queues_declared += other.queues_declared;
        queues_created += other.queues_created;
        queues_deleted += other.queues_deleted;
        for (std::size_t i = 0; i < dead_lettered.size(); ++i) {
            dead_lettered[i] += other.dead_lettered[i];
        }
        message_sizes += other.message_sizes;
        return *this;
    }
};

// Both together, at one moment.
struct Counts {
    VirtualHostCounts<std::uint64_t> host;
    QueueStatistics queues;

    Counts& operator+=(const Counts& other) {
        host += other.host;
        queues += other.queues;
        return *this;
    }
};

} // namespace broker
