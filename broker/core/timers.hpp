// Waking up at a time of day. A virtual host has one Timer, which the network side provides (tests move a clock by
// hand), and one Timers, the index of who wants to be woken when. Somebody who does not wait costs nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <utility>

namespace broker {

inline constexpr std::int64_t never_ms = INT64_MAX;

// Calls what it was made with at about the wanted time, on any thread: once, never early, and not any more after its
// destructor has returned. Wall clock, milliseconds since 1970.
class Timer {
 public:
    virtual ~Timer() = default;
    virtual void wake_at(std::int64_t at_ms) = 0; // instead of what was wanted before; any thread
};
using TimerFactory = std::function<std::unique_ptr<Timer>(std::function<void()> on_time)>;

// Somebody on a strand who waits for a time.
class Sleeper {
 public:
    virtual ~Sleeper() = default;
    virtual void on_time(std::int64_t now_ms) = 0;

 private:
    friend class Timers;
    std::int64_t wake_at_ms_ = never_ms;
};

// The sleepers of a virtual host. On its strand.
class Timers {
 public:
    // At this time at the latest; a sleeper that has asked for an earlier time keeps it. It is woken once.
    void wake(Sleeper& sleeper, std::int64_t at_ms) {
        if (at_ms < sleeper.wake_at_ms_) {
            forget(sleeper);
            sleeper.wake_at_ms_ = at_ms;
            sleepers_.emplace(at_ms, &sleeper);
        }
    }
    void forget(Sleeper& sleeper) { // before it dies
        if (sleeper.wake_at_ms_ != never_ms) {
            sleepers_.erase({std::exchange(sleeper.wake_at_ms_, never_ms), &sleeper});
        }
    }
    std::int64_t earliest_ms() const { return sleepers_.empty() ? never_ms : sleepers_.begin()->first; }
    Sleeper* take_due(std::int64_t now_ms) { // null: nobody
        if (earliest_ms() > now_ms) {
            return nullptr;
        }
        Sleeper* sleeper = sleepers_.begin()->second;
        forget(*sleeper);
        return sleeper;
    }

 private:
    std::set<std::pair<std::int64_t, Sleeper*>> sleepers_;
};

} // namespace broker
