#include "broker/core/commit_gate.hpp"

namespace broker {

void CommitGate::promise(ConnectionPort& port) {
    const std::uint64_t commit = commits_.promise();
    port.gate(commit);
    gated_ports_.emplace_back(commit, &port);
}

void CommitGate::promise_topology(ConnectionPort& port) {
    promise(port);
    note_topology_change();
}

void CommitGate::note_topology_change() {
    last_topology_commit_ = commits_.batch().number;
}

void CommitGate::wait_for_topology(ConnectionPort& port) {
    if (last_topology_commit_ > commits_.durable_up_to()) {
        promise(port);
    }
}

void CommitGate::wait_for_confirms(ConnectionPort& port) {
    if (port.last_promised_commit > commits_.durable_up_to()) {
        const std::uint64_t commit = commits_.promise();
        port.gate_behind_confirms(commit);
        gated_ports_.emplace_back(commit, &port);
    }
}

void CommitGate::confirm_later(ChannelPort& channel, std::uint64_t number, Queue::Accepted accepted) {
    ConnectionPort& port = channel.connection;
    const std::uint64_t commit =
        accepted == Queue::Accepted::with_appends ? commits_.promise_appends() : commits_.promise();
    port.last_promised_commit = commit;
    const ConnectionPort::Place place = port.confirm_place(commit);
    if (!pending_confirms_.empty()) {
        PendingConfirm& last = pending_confirms_.back();
        if (last.commit == commit && last.port == &port && last.place == place && last.channel == channel.number &&
            last.first + last.count == number) {
            ++last.count;
            return;
        }
    }
    pending_confirms_.push_back({commit, &port, place, channel.number, number, 1});
}

void CommitGate::on_durable(std::uint64_t up_to) {
    while (!pending_confirms_.empty() && pending_confirms_.front().commit <= up_to) {
        const PendingConfirm& pending = pending_confirms_.front();
        pending.port->emit_confirmed_at(pending.place, pending.channel, true, pending.first, pending.count);
        confirmed_ += pending.count;
        pending_confirms_.pop_front();
    }
    while (!gated_ports_.empty() && gated_ports_.front().first <= up_to) {
        gated_ports_.front().second->release(up_to);
        gated_ports_.pop_front();
    }
}

} // namespace broker
