// Where everybody tells what has happened: queues and exchanges declared, connections opened, users changed. An event
// becomes a message without a body on the topic exchange amq.rabbitmq.event; its routing key names the event and its
// headers describe it, as RabbitMQ's event exchange does.
//
// Owned by the Broker, used from every thread. While nothing is bound to the exchange an event costs the one relaxed
// load of wanted(). Otherwise it is left on the strand of the virtual host that has the exchange, which publishes it
// after what it is doing now: nobody waits, and nothing runs within the strand that tells.
#pragma once

#include "protocol/field_table.hpp"

#include <atomic>
#include <string_view>

namespace broker {

class VirtualHost;

inline constexpr std::string_view event_exchange = "amq.rabbitmq.event";
inline constexpr std::string_view internal_actor = "rmq-internal"; // the broker itself

class EventSink {
 public:
    bool wanted() const noexcept { return wanted_.load(std::memory_order_relaxed); }
    // Ask wanted() first: what describes the event need not be made otherwise. Adds the time.
    void emit(std::string_view key, amqp::FieldTable headers);

    // The virtual host that has the exchange, from its construction to its destruction; the last one counts.
    void attach(VirtualHost& host);
    void detach(const VirtualHost& host);
    void set_bound(const VirtualHost& host, bool bound); // on its strand

 private:
    std::atomic<bool> wanted_{false};
    std::atomic<VirtualHost*> host_{nullptr};
};

// A table of arguments as the headers of events show it: [{<<"x-max-length">>,signedint,5}], each pair one text.
amqp::FieldValue event_arguments(const amqp::FieldTable& arguments);

} // namespace broker
