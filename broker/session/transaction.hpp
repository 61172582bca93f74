// What a channel in tx mode has said since the last commit or rollback [C32]. Owned by its Channel.
#pragma once

#include "broker/core/commands.hpp"
#include "broker/session/delivery_ledger.hpp"

#include <cstdint>
#include <vector>

namespace broker {

struct Transaction {
    static constexpr std::size_t max_bytes = 256 << 20; // of messages that wait for a commit; one alone may be larger

    enum class Settlement : std::uint8_t { acknowledge, requeue, discard };
    struct Settled {
        Delivery delivery;
        Settlement settlement = Settlement::acknowledge;
    };

    std::vector<Publish> publishes;
    std::size_t bytes = 0; // of them
    std::vector<Settled> settled; // taken out of the ledger
};

} // namespace broker
