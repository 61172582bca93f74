// The system's random numbers.
#pragma once

#include "broker/session/random_source.hpp"

namespace broker {

RandomSource& system_random(); // any thread

} // namespace broker
