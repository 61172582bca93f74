// Plain copies of a virtual host's state for administration: the only way out of the strand. The functions are called
// on the strand (VirtualHost::run); what they return belongs to the caller and may go to any thread.
//
// A virtual host may hold very many things, so whoever lists them asks for the names first, and then for a bounded
// number of copies per task.
#pragma once

#include "broker/core/queue.hpp"
#include "broker/core/virtual_host.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace broker {

struct QueueSnapshot {
    std::string name;
    QueueType type = QueueType::classic;
    bool durable = false, auto_delete = false, exclusive = false;
    std::string owner; // name of the connection, of an exclusive queue
    amqp::FieldTable arguments;
    std::uint64_t ready = 0, ready_bytes = 0, unacked = 0, unacked_bytes = 0;
    std::uint64_t resident = 0, footprint = 0; // ready messages in memory, and what they weigh
    std::uint64_t consumers = 0;
    std::string exclusive_consumer_tag, single_active_consumer_tag; // empty: none
    AppliedPolicies policies;
    QueueStatistics statistics;
    std::int64_t last_active_ms = 0;
    std::uint64_t waited_ms = 0; // see Queue::waited_ms
    bool waiting = false;        // messages for consumers, at the moment
    std::optional<std::uint64_t> head_timestamp_s;
};

struct ConsumerSnapshot {
    std::string queue, tag;
    std::string connection, user; // names
    amqp::ChannelNumber channel = 0;
    bool no_ack = false, exclusive = false;
    bool single_active = false; // the queue has one at a time ...
    bool active = true;         // ... and this is the one
    std::uint32_t prefetch = 0;
    amqp::FieldTable arguments;
    std::int64_t timeout_ms = Consumer::nodes_timeout; // of deliveries, see Consumer
};

struct ExchangeSnapshot {
    std::string name, type;
    bool durable = false, auto_delete = false, internal = false;
    amqp::FieldTable arguments;
    AppliedPolicies policies;
    std::uint64_t published_in = 0, published_out = 0;
};

struct BindingSnapshot {
    std::string source, destination;
    Destination::Kind destination_kind = Destination::Kind::queue;
    std::string routing_key;
    amqp::FieldTable arguments;
};

struct VirtualHostSnapshot { // sums
    std::uint64_t connections = 0, channels = 0, queues = 0, exchanges = 0, consumers = 0;
    std::uint64_t ready = 0, unacked = 0;
    Counts counts;

    VirtualHostSnapshot& operator+=(const VirtualHostSnapshot& other);
};

std::vector<std::string> queue_names(const VirtualHost& virtual_host);
std::vector<std::string> exchange_names(const VirtualHost& virtual_host);

QueueSnapshot snapshot_of(const Queue& queue);
ExchangeSnapshot snapshot_of(const Exchange& exchange);
BindingSnapshot snapshot_of(const BoundBinding& bound);
VirtualHostSnapshot snapshot_of(const VirtualHost& virtual_host); // without the sums over queues
// What the property timestamp of the first message says, if it is in memory.
std::optional<std::uint64_t> head_timestamp_s(const Queue& queue);

std::vector<ConsumerSnapshot> consumers_of(const Queue& queue);
std::vector<BindingSnapshot> bindings_from(const Exchange& source);
std::vector<BindingSnapshot> bindings_to(const Exchange& destination);
std::vector<BindingSnapshot> bindings_to(const Queue& destination); // without the one of the default exchange

} // namespace broker
