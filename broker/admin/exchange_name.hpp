// Paths cannot hold the empty name of the default exchange: it is amq.default there [A6].
#pragma once

#include <string>

namespace broker {

inline std::string exchange_name(const std::string& segment) {
    return segment == "amq.default" ? std::string() : segment;
}

} // namespace broker
