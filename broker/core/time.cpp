// VirtualHost: what happens because time has passed.
#include "broker/core/virtual_host.hpp"

namespace broker {
namespace {

constexpr unsigned sleepers_per_hold = 16;
constexpr std::size_t enough_dying = 1024; // let them go first: they are in memory

} // namespace

void VirtualHost::on_time() {
    timer_set_to_ms_ = never_ms;
    const std::int64_t now_ms = environment_.clock.now_ms();
    for (unsigned i = 0; i < sleepers_per_hold && dying_.size() < enough_dying; ++i) {
        Sleeper* sleeper = timers_.take_due(now_ms);
        if (sleeper == nullptr) {
            return;
        }
        sleeper->on_time(now_ms); // may be its end
    }
    if (timers_.earliest_ms() <= now_ms) {
        strand_.submit_elsewhere(Strand::work([this] { on_time(); })); // others wait for the strand, too
    }
}

void VirtualHost::set_timer() {
    if (timers_.earliest_ms() < timer_set_to_ms_ && timer_ != nullptr) {
        timer_set_to_ms_ = timers_.earliest_ms();
        timer_->wake_at(timer_set_to_ms_);
    }
}

void VirtualHost::hold_again() {
    strand_.submit(Strand::work([] {}));
}

} // namespace broker
