// How often clients of one protocol have said who they are since the start. A plain value.
#pragma once

#include <cstdint>
#include <string_view>

namespace broker {

struct AuthAttempts {
    std::string_view protocol; // a constant: "amqp091", "http"
    std::uint64_t succeeded = 0, failed = 0;
};

} // namespace broker
