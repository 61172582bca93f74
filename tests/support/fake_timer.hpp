// A timer that a test fires by hand: see World::advance.
#pragma once

#include "broker/core/timers.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace broker {

struct Alarm {
    std::int64_t at_ms = never_ms;
    std::function<void()> ring;

    bool ring_if_due(std::int64_t now_ms) {
        if (at_ms > now_ms) {
            return false;
        }
        at_ms = never_ms;
        ring();
        return true;
    }
};

class FakeTimer final : public Timer {
 public:
    FakeTimer(Alarm& alarm, std::function<void()> on_time) : alarm_(alarm) { alarm_.ring = std::move(on_time); }
    void wake_at(std::int64_t at_ms) override { alarm_.at_ms = at_ms; }

 private:
    Alarm& alarm_;
};

} // namespace broker
