#include "broker/core/clock.hpp"

#include <chrono>

namespace broker {

using namespace std::chrono;

SystemClock::SystemClock()
    : started_ms_(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()),
      started_(steady_clock::now()) {}

std::int64_t SystemClock::now_ms() const {
    return started_ms_ + duration_cast<milliseconds>(steady_clock::now() - started_).count();
}

} // namespace broker
