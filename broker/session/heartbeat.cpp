#include "broker/session/heartbeat.hpp"

namespace broker {

void Heartbeat::start(std::chrono::seconds interval, TimePoint now, std::uint64_t octets_received) {
    interval_ = interval;
    next_look_ = now + interval;
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
    next_look_ = now + interval_;
}

bool Heartbeat::peer_is_silent(TimePoint now, std::uint64_t octets_received) {
    constexpr int patience = 2; // looks in a row that find nothing [H3]
    if (receiving_paused_ || now < next_look_) {
        return false;
    }
    next_look_ = now + interval_;
    silent_looks_ = octets_received == received_ ? silent_looks_ + 1 : 0;
    received_ = octets_received;
    return silent_looks_ >= patience;
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
