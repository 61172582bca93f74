// What a channel in tx mode has said since the last commit or rollback [C32]. Owned by its Channel.
#pragma once

#include "broker/core/commands.hpp"
#include "broker/session/delivery_ledger.hpp"

#include <cstdint>
#include <vector>

namespace broker {

struct Transaction {
    enum class Settlement : std::uint8_t { acknowledge, requeue, discard };
    struct Settled {
        Delivery delivery;
        Settlement settlement = Settlement::acknowledge;
    };

    std::vector<Publish> publishes;
    std::vector<Settled> settled; // taken out of the ledger
};

} // namespace broker
