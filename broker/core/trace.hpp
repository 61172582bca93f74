// Firehose tracing: the copies of messages that go to amq.rabbitmq.trace, with RabbitMQ's headers. Pure functions.
#pragma once

#include "protocol/field_table.hpp"
#include "protocol/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace broker {

inline constexpr std::string_view trace_exchange = "amq.rabbitmq.trace";

// Who has published the message or got it.
struct TracedPeer {
    std::string_view node, virtual_host, connection, user;
    amqp::ChannelNumber channel = 0;
};

// `extra_keys`: CC and BCC; may be null.
amqp::MessagePtr trace_of_publish(const amqp::Message& message, const std::vector<std::string>* extra_keys,
                                  const std::vector<std::string>& routed_queues, const TracedPeer& publisher);
amqp::MessagePtr trace_of_delivery(const amqp::Message& message, std::string_view queue, bool redelivered,
                                   const TracedPeer& consumer);

} // namespace broker
