// The time of day, injected so that tests own it.
#pragma once

#include <chrono>
#include <cstdint>

namespace broker {

class Clock {
 public:
    virtual ~Clock() = default;
    virtual std::int64_t now_ms() const = 0; // milliseconds since 1970
};

// The wall clock as it was when this was made, and the time that has passed since: like Erlang's, it does not jump when
// somebody sets the system's clock, so nothing expires too early or too late. There is one for the whole process.
class SystemClock final : public Clock {
 public:
    SystemClock();
    std::int64_t now_ms() const override;

 private:
    const std::int64_t started_ms_;
    const std::chrono::steady_clock::time_point started_;
};

// Another clock, looked at once in a hold of the strand. For every message it was 5 % of the broker's CPU where durable
// messages went to 1,000 queues. On the strand.
class HoldClock final : public Clock {
 public:
    HoldClock(const Clock& clock, const std::uint64_t& hold) : clock_(clock), hold_(hold) {}
    std::int64_t now_ms() const override {
        if (looked_in_ != hold_) {
            looked_in_ = hold_;
            now_ms_ = clock_.now_ms();
        }
        return now_ms_;
    }

 private:
    const Clock& clock_;
    const std::uint64_t& hold_; // the number of this one
    mutable std::uint64_t looked_in_ = 0;
    mutable std::int64_t now_ms_ = 0;
};

} // namespace broker
