// The time of day, injected so that tests own it.
#pragma once

#include <cstdint>

namespace broker {

class Clock {
 public:
    virtual ~Clock() = default;
    virtual std::int64_t now_ms() const = 0; // wall clock, since 1970
};

class SystemClock final : public Clock {
 public:
    std::int64_t now_ms() const override;
};

} // namespace broker
