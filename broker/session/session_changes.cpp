// What changes around a session while it runs: the alarms of the node, the permissions of its user.
#include "broker/session/session.hpp"

#include <string>
#include <utility>

namespace broker {

// What was read together with the first publish still counts [L3a]: a client that stops when it is told is read on, so
// that its acks and its close arrive. What others publish afterwards waits in their sockets, with all that is behind.
bool Session::must_hold_publish() {
    if (!blocked_) {
        blocked_ = true;
        if (connection_.capabilities.connection_blocked) {
            const std::string reason = alarms_.reason();
            connection_.outbox.write(0, amqp::connection::Blocked{{reason}});
        }
    } else if (holds_publishes_) {
        publish_held_ = true;
        heartbeat_.pause_receiving(); // [L3] the client's heartbeats are behind the publish
    }
    return publish_held_;
}

void Session::on_alarms(const Alarms& alarms, TimePoint now) {
    connection_.now = now;
    alarms_ = alarms;
    if (alarms_.any() || !blocked_) {
        return;
    }
    blocked_ = false;
    if (std::exchange(publish_held_, false)) {
        heartbeat_.resume_receiving(connection_.now, received_);
    }
    if (state_ == State::running && connection_.capabilities.connection_blocked) {
        connection_.outbox.write(0, amqp::connection::Unblocked{});
    }
}

// What the user may no longer do ends here, also what he began when he still might.
void Session::take_permissions() {
    if (state_ == State::running && connection_.access.refresh()) {
        restrict_topics();
        channels_.for_each([](Channel& channel) { channel.cancel_unreadable(); });
    }
}

void Session::on_permissions_changed(TimePoint now) {
    connection_.now = now;
    take_permissions();
    submit();
}

void Session::restrict_topics() {
    if (auto guard = connection_.access.take_topic_guard()) {
        request(0, RestrictTopics{std::move(*guard)});
    }
}

} // namespace broker
