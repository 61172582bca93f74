#include "broker/session/heartbeat.hpp"

namespace broker {
namespace {

// Looks in an interval: where there are two, a peer goes between 2 and 2.5 intervals after its last octet, not up to 3.
// Shorter intervals have no more ticks than this.
int looks(std::chrono::seconds interval) {
    return interval.count() > 1 ? 2 : 1;
}

std::chrono::milliseconds between_looks(std::chrono::seconds interval) {
    return std::chrono::milliseconds(interval) / looks(interval);
}

} // namespace

void Heartbeat::start(std::chrono::seconds interval, TimePoint now, std::uint64_t octets_received) {
    interval_ = interval;
    next_look_ = now + between_looks(interval);
    next_send_ = now + std::chrono::milliseconds(interval) / 2;
    received_ = octets_received;
}

Heartbeat::Action Heartbeat::on_tick(TimePoint now, std::uint64_t octets_received, std::uint64_t octets_sent) {
    if (interval_.count() == 0) {
        return Action::none;
    }
    if (peer_is_silent(now, octets_received)) {
        return Action::give_up;
    }
    return must_send(now, octets_sent) ? Action::send : Action::none;
}

void Heartbeat::resume_receiving(TimePoint now, std::uint64_t octets_received) {
    receiving_paused_ = false;
    silent_looks_ = 0;
    received_ = octets_received;
    next_look_ = now + between_looks(interval_);
}

bool Heartbeat::peer_is_silent(TimePoint now, std::uint64_t octets_received) {
    if (receiving_paused_ || now < next_look_) {
        return false;
    }
    next_look_ = now + between_looks(interval_);
    silent_looks_ = octets_received == received_ ? silent_looks_ + 1 : 0;
    received_ = octets_received;
    return silent_looks_ >= 2 * looks(interval_); // two intervals [H3]
}

bool Heartbeat::must_send(TimePoint now, std::uint64_t octets_sent) {
    if (now < next_send_) {
        return false;
    }
    next_send_ = now + std::chrono::milliseconds(interval_) / 2;
    const bool idle = !sent_any_ || octets_sent == sent_;
    sent_any_ = true;
    sent_ = octets_sent;
    return idle;
}

} // namespace broker
