// A clock that stands still until a test moves it.
#pragma once

#include "broker/core/clock.hpp"

#include <atomic>
#include <cstdint>

namespace broker {

class FakeClock final : public Clock {
 public:
    std::int64_t now_ms() const override { return now_ms_; }
    void advance(std::int64_t ms) { now_ms_ += ms; }

 private:
    std::atomic<std::int64_t> now_ms_ = 1'700'000'000'000;
};

} // namespace broker
