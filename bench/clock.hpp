// The time that messages carry: nanoseconds of the monotonic clock, or of the wall clock when producers and consumers
// run on different machines.
#pragma once

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

class MessageClock {
 public:
    explicit MessageClock(bool wall) : clock_(wall ? CLOCK_REALTIME : CLOCK_MONOTONIC) {}
    std::uint64_t now() const { return nanoseconds(clock_); }

 private:
    clockid_t clock_;
};

} // namespace bench
