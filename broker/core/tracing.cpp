// VirtualHost: firehose tracing. Traces are collected while the strand is held and published when it is left: nothing
// is published from within a delivery.
#include "broker/core/trace.hpp"
#include "broker/core/virtual_host.hpp"

#include <utility>

namespace broker {

void VirtualHost::trace_publish(const ChannelPort& channel, const Publish& publish, const std::vector<Queue*>& queues) {
    const ConnectionPort& port = channel.connection;
    if (publish.message->exchange() == trace_exchange) {
        return;
    }
    std::vector<std::string> names;
    for (const Queue* queue : queues) {
        names.push_back(queue->name());
    }
    traces_.push_back(trace_of_publish(*publish.message, publish.extra_keys.get(), names,
                                       {environment_.node_name, name(), port.name, port.user_name, channel.number}));
}

void VirtualHost::trace_delivery(const Queue& queue, const ChannelPort& channel, const amqp::Message& message,
                                 bool redelivered) {
    const ConnectionPort& port = channel.connection;
    if (message.exchange() != trace_exchange) {
        traces_.push_back(
            trace_of_delivery(message, queue.name(), redelivered,
                              {environment_.node_name, name(), port.name, port.user_name, channel.number}));
    }
}

void VirtualHost::publish_traces() {
    if (traces_.empty()) {
        return;
    }
    Exchange* exchange = find_exchange(trace_exchange);
    for (const amqp::MessagePtr& trace : std::exchange(traces_, {})) {
        publish_from(*exchange, trace);
    }
}

} // namespace broker
