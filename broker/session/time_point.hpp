// The monotonic time that a session is told with every call; it never asks a clock itself.
#pragma once

#include <chrono>

namespace broker {

using TimePoint = std::chrono::steady_clock::time_point;

} // namespace broker
