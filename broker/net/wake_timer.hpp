// The core's Timer over the clock that the core goes by. Waits on a network thread of its choice; may be made, set and
// destroyed on any thread.
#pragma once

#include "broker/core/clock.hpp"
#include "broker/core/timers.hpp"
#include "broker/net/io_thread.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

namespace broker {

class WakeTimer final : public Timer {
 public:
    WakeTimer(IoThread& thread, const Clock& clock, std::function<void()> on_time); // both outlive it
    ~WakeTimer() override;

    void wake_at(std::int64_t at_ms) override;

 private:
    // Outlives the timer while the thread still holds a piece of work for it.
    struct Waiting {
        Waiting(boost::asio::io_context& context, std::function<void()> function)
            : timer(context),
              on_time(std::move(function)) {}
        boost::asio::steady_timer timer; // on the thread only
        std::mutex mutex;                // held while on_time runs, so that the destructor waits for its end
        std::function<void()> on_time;   // empty: the owner is gone
    };

    IoThread& thread_;
    const Clock& clock_;
    std::shared_ptr<Waiting> waiting_;
};

} // namespace broker
