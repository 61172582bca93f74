// What must not be heard of before it is on disk: confirms, and answers that tell of changes. Knows which connection
// waits for which commit of its virtual host. Owned by the virtual host, on its strand.
#pragma once

#include "broker/core/commits.hpp"
#include "broker/core/connection_port.hpp"
#include "broker/core/queue.hpp"
#include "broker/core/statistics.hpp"

#include <cstdint>
#include <deque>
#include <utility>

namespace broker {

class CommitGate {
 public:
    CommitGate(Commits& commits, Counter& confirmed) : commits_(commits), confirmed_(confirmed) {}

    void promise(ConnectionPort& port);           // answers from now on wait for what is being collected
    void promise_topology(ConnectionPort& port);  // the same, and others may ask for what was changed
    void note_topology_change();                  // others may ask for it; who made it waits in another way
    void wait_for_topology(ConnectionPort& port); // answers from now on tell of changes that may not be durable yet
    void wait_for_confirms(ConnectionPort& port); // events from now on come behind those that are due
    // At once, or when what it waits for is durable.
    void confirm(ChannelPort& channel, std::uint64_t number, Queue::Accepted accepted) {
        if (accepted == Queue::Accepted::now) {
            ++confirmed_;
            channel.connection.emit_confirmed(channel.number, true, number, 1);
        } else {
            confirm_later(channel, number, accepted);
        }
    }

    void on_durable(std::uint64_t up_to); // see Commits::Observer

 private:
    void confirm_later(ChannelPort& channel, std::uint64_t number, Queue::Accepted accepted);

    struct PendingConfirm {
        std::uint64_t commit;
        ConnectionPort* port;
        ConnectionPort::Place place; // in the port's events
        amqp::ChannelNumber channel;
        std::uint64_t first, count;
    };

    Commits& commits_;
    Counter& confirmed_;
    std::uint64_t last_topology_commit_ = 0;
    std::deque<std::pair<std::uint64_t, ConnectionPort*>> gated_ports_; // by the commit that they wait for
    std::deque<PendingConfirm> pending_confirms_;                       // by commit
};

} // namespace broker
