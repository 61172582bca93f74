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

} // namespace broker
