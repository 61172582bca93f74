// What the channels of a connection share: made and owned by the Session, used by it and its channels on the
// connection's network thread. Plain data; it decides nothing.
#pragma once

#include "broker/core/commands.hpp"
#include "broker/session/access_control.hpp"
#include "broker/session/outbox.hpp"
#include "broker/session/random_source.hpp"
#include "broker/session/session_config.hpp"
#include "broker/session/time_point.hpp"
#include "protocol/field_table.hpp"

#include <cstddef>

namespace broker {

// What the client can take [P8].
struct ClientCapabilities {
    bool authentication_failure_close = false;
    bool consumer_cancel_notify = false;
    bool connection_blocked = false;
};

struct ConnectionContext {
    const SessionConfig& config;
    RandomSource& random;
    AccessControl access;
    ClientCapabilities capabilities{};
    std::size_t frame_max = 0; // as negotiated
    TimePoint now{};           // of this turn
    Outbox outbox{};
    CommandBatch commands{}; // of this turn
};

} // namespace broker
