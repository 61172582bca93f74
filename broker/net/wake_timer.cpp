#include "broker/net/wake_timer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace broker {

WakeTimer::WakeTimer(IoThread& thread, const Clock& clock, std::function<void()> on_time)
    : thread_(thread),
      clock_(clock),
      waiting_(std::make_shared<Waiting>(thread.context(), std::move(on_time))) {}

WakeTimer::~WakeTimer() {
    const std::lock_guard lock(waiting_->mutex);
    waiting_->on_time = nullptr;
}

void WakeTimer::wake_at(std::int64_t at_ms) {
    constexpr std::chrono::milliseconds longest = std::chrono::years(100); // what a timer can hold
    const std::chrono::milliseconds left(at_ms - clock_.now_ms());
    const auto at = std::chrono::steady_clock::now() + std::min(left, longest);
    thread_.post([waiting = waiting_, at, &thread = thread_] {
        waiting->timer.expires_at(at); // ends the wait that is under way
        waiting->timer.async_wait([waiting, &thread](const boost::system::error_code& error) {
            if (error) {
                return;
            }
            {
                const std::lock_guard lock(waiting->mutex);
                if (waiting->on_time) {
                    waiting->on_time();
                }
            }
            thread.end_turn();
        });
    });
}

} // namespace broker
