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
    explicit MessageClock(bool wall) : wall_(wall) {}
    void synchronize() { offset_ = wall_ ? nanoseconds(CLOCK_REALTIME) - now_ns() : 0; }
    std::uint64_t of(std::uint64_t monotonic) const { return monotonic + offset_; }

 private:
    bool wall_;
    std::uint64_t offset_ = 0;
};

} // namespace bench
