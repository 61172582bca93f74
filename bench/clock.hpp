// The time that messages carry: nanoseconds of the monotonic clock, or of the wall clock when producers and consumers
// run on different machines.
#pragma once

#include <sys/prctl.h>

#include <cstdint>
#include <ctime>

namespace bench {

inline std::uint64_t nanoseconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

inline std::uint64_t now_ns() {
    return nanoseconds(CLOCK_MONOTONIC);
}

inline void sleep_until(std::uint64_t time) {
    const timespec until{static_cast<time_t>(time / 1'000'000'000), static_cast<long>(time % 1'000'000'000)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

// Threads that sleep are usually woken up to 50 us late [prctl(2)], which would count as the broker's latency: as long
// as the broker itself takes, and more.
inline void wake_this_thread_on_time() {
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

class MessageClock {
 public:
    explicit MessageClock(bool wall) : wall_(wall) {}
    void synchronize() { offset_ = wall_ ? nanoseconds(CLOCK_REALTIME) - now_ns() : 0; }
    std::uint64_t of(std::uint64_t monotonic) const { return monotonic + offset_; }

 private:
    bool wall_;
    std::uint64_t offset_ = 0;
};

} // namespace bench
