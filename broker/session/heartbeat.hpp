// The two heartbeats of a connection [section 1.3]: when to send one, and when the peer must be taken for dead. Owned
// by the Session; knows time and octet counters only as they are given to it, and neither sends nor closes anything.
#pragma once

#include "broker/session/time_point.hpp"

#include <chrono>
#include <cstdint>

namespace broker {

class Heartbeat {
 public:
    enum class Action : std::uint8_t { none, send, give_up };

    // From connection.tune-ok on; an interval of 0 switches both directions off [H1].
    void start(std::chrono::seconds interval, TimePoint now, std::uint64_t octets_received);

    // To be called often (a comparison when nothing is due). The counters are of all octets on the socket so far.
    Action on_tick(TimePoint now, std::uint64_t octets_received, std::uint64_t octets_sent);

    // The peer's silence does not count while the socket is not read [H5].
    void pause_receiving() { receiving_paused_ = true; }
    void resume_receiving(TimePoint now, std::uint64_t octets_received);

    std::chrono::seconds interval() const { return interval_; }

 private:
    bool peer_is_silent(TimePoint now, std::uint64_t octets_received);
    bool must_send(TimePoint now, std::uint64_t octets_sent);

    std::chrono::seconds interval_{0};
    TimePoint next_look_{}; // at what came in
    TimePoint next_send_{};
    std::uint64_t received_ = 0; // when we last looked
    std::uint64_t sent_ = 0;
    int silent_looks_ = 0;
    bool sent_any_ = false; // the first one goes out whatever else was sent [H2]
    bool receiving_paused_ = false;
};

} // namespace broker
