#include "bench/connection_churn.hpp"

#include "bench/clock.hpp"

namespace bench {

bool ConnectionChurn::turn() {
    if (options_.producer_messages && counters().cycles.get() >= *options_.producer_messages) {
        return false;
    }
    const std::uint64_t began = now_ns();
    Connection connection(uri_, options_.connection);
    connection.open_channel(1);
    connection.close();
    counters().cycle_latency.record(now_ns() - began);
    counters().cycles.add(1);
    return true;
}

} // namespace bench
