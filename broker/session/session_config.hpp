// What a session must know of the settings, and who it is talking to. Plain values: filled in by the composition root,
// so that sessions know nothing of configuration files; the config outlives every session, PeerInfo is a session's own.
#pragma once

#include "broker/session/time_point.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace broker {

// What connection.start says of the server [P6].
struct ProductInfo {
    std::string product = "RabbitMQ"; // clients look at product and version before they use an extension
    std::string version = "4.2.0";
    std::string platform = "Leveret (C++20)";
    std::string copyright;
    std::string information = "https://rabbitmq.com compatible AMQP 0-9-1 broker";
    std::string cluster_name = "rabbit@localhost";
};

struct SessionConfig {
    static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

    ProductInfo product;
    std::uint16_t channel_max = 2047;
    std::uint32_t frame_max = 131'072;
    std::uint16_t heartbeat_s = 60;
    std::uint32_t handshake_timeout_ms = 10'000; // from accept to connection.open
    std::uint32_t initial_frame_max = 8'192;     // until connection.tune-ok
    std::uint64_t max_message_size = 16 * 1024 * 1024;
    std::uint32_t consumer_max_per_channel = unlimited;
    std::uint32_t consumer_timeout_ms = 0; // of those that say nothing themselves; 0: none
};

struct PeerInfo {
    std::string name; // "127.0.0.1:49152 -> 127.0.0.1:5672"
    TimePoint connected_at{};
};

} // namespace broker
