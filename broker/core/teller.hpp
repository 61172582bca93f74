// Tells what happens in a virtual host (amq.rabbitmq.event), in RabbitMQ's words. Nothing is told of the management
// API's own connections. Where RabbitMQ gives a process identifier there is the name of the connection or channel.
// Owned by the virtual host, on its strand.
#pragma once

#include "broker/core/event_sink.hpp"

#include <string>
#include <string_view>

namespace broker {

class ChannelPort;
class ConnectionPort;
class Consumer;
class Exchange;
class Queue;
struct Binding;
struct ChangedArguments;
struct SettingsState;

class Teller {
 public:
    Teller(EventSink* sink, const std::string& virtual_host) : sink_(sink), virtual_host_(virtual_host) {}

    bool heard() const { return sink_ != nullptr && sink_->wanted(); }       // else all others do nothing
    void act_for(const ConnectionPort* connection) { acting_ = connection; } // whose request is being carried out

    void created(const Exchange& exchange);
    void created(const Queue& queue);
    void created(const ChannelPort& channel);
    void created(const Consumer& consumer);
    void closed(const ChannelPort& channel);
    void deleted(const Exchange& exchange);
    void deleted(const Queue& queue);
    void deleted(const Consumer& consumer);
    void bound(const Exchange& source, const Binding& binding);
    void unbound(const Exchange& source, const Binding& binding);
    void changed(const Queue& queue, const ChangedArguments& changed, std::string_view actor);
    void changed(const SettingsState& before, const SettingsState& after, std::string_view actor);

 private:
    void tell(std::string_view key, amqp::FieldTable headers); // adds where and who
    void tell(std::string_view key, amqp::FieldTable headers, std::string_view actor);
    void tell_binding(std::string_view key, const Exchange& source, const Binding& binding);

    EventSink* const sink_; // null: nobody is told
    const std::string& virtual_host_;
    const ConnectionPort* acting_ = nullptr; // null: the broker itself
};

} // namespace broker
