// Plain copies of a session's state for administration: the only way out of the network thread.
#pragma once

#include "broker/session/time_point.hpp"
#include "protocol/field_table.hpp"
#include "protocol/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace broker {

struct ChannelCounters {
    std::uint64_t publish = 0;
    std::uint64_t confirm = 0;
    std::uint64_t deliver = 0;
    std::uint64_t deliver_no_ack = 0;
    std::uint64_t get = 0;
    std::uint64_t get_no_ack = 0;
    std::uint64_t get_empty = 0;
    std::uint64_t ack = 0;
    std::uint64_t redeliver = 0;
    std::uint64_t return_unroutable = 0;
};

struct ChannelConsumer {
    std::string tag;
    std::string queue;
    bool no_ack = false;
    bool exclusive = false;
    std::uint32_t prefetch = 0;
    std::int32_t priority = 0;
    amqp::FieldTable arguments;
    std::int64_t timeout_ms = 0; // see Consumer
};

struct ChannelSnapshot {
    amqp::ChannelNumber number = 0;
    std::string state; // "running", "closing"
    bool confirm = false;
    bool transactional = false;
    std::uint32_t prefetch = 0;
    std::uint32_t global_prefetch = 0;
    std::uint64_t messages_unacknowledged = 0;
    std::uint64_t messages_unconfirmed = 0;
    std::uint64_t messages_uncommitted = 0;
    std::uint64_t acks_uncommitted = 0;
    std::vector<ChannelConsumer> consumers;
    ChannelCounters counters;
    TimePoint last_active;
};

// What TLS has agreed on; empty texts before the end of its handshake.
struct TlsSnapshot {
    std::string protocol; // "tlsv1.3"
    std::string key_exchange;
    std::string cipher;
    std::string hash;
    std::string peer_subject; // of the client's certificate, if it has shown one
    std::string peer_issuer;
    std::string peer_validity;
};

struct SessionSnapshot {
    std::string name; // of the connection: "127.0.0.1:49152 -> 127.0.0.1:5672"
    std::string state;
    std::string user;
    std::string virtual_host;
    std::string protocol; // "AMQP 0-9-1"
    std::string auth_mechanism;
    std::uint16_t channel_max = 0;
    std::uint32_t frame_max = 0;
    std::uint16_t timeout_s = 0; // heartbeat
    std::uint64_t octets_received = 0;
    std::uint64_t octets_sent = 0;
    std::uint64_t octets_pending = 0; // to be sent
    std::uint64_t reads = 0, writes = 0; // of the socket; nothing of a session without one
    TimePoint connected_at;
    amqp::FieldTable client_properties;
    std::vector<ChannelSnapshot> channels;
    std::optional<TlsSnapshot> tls{}; // of a connection with TLS
};

} // namespace broker
