// Deliveries that wait for their acknowledgement for too long [C33]. They are looked at about once a second, only on
// channels where somebody has a timeout; a delivery itself costs no more than noting the time of its batch.
#include "broker/session/channel.hpp"

#include <algorithm>

namespace broker {

// The consumer's own, else its queue's with policies, else the node's.
std::int64_t Channel::timeout_ms_of(const Consumer& consumer) const {
    std::int64_t timeout_ms = consumer.timeout_ms.load(std::memory_order_relaxed);
    if (timeout_ms == Consumer::nodes_timeout) {
        timeout_ms = connection_.config.consumer_timeout_ms;
    }
    return timeout_ms == 0 ? for_ever : timeout_ms;
}

void Channel::remember_timeout(const Consumer& consumer) {
    shortest_former_timeout_ms_ = std::min(shortest_former_timeout_ms_, timeout_ms_of(consumer));
}

amqp::Result<> Channel::check_timeouts() const {
    if (state != State::open || ledger_.size() == 0) {
        return {};
    }
    std::int64_t shortest_ms = shortest_former_timeout_ms_;
    for (const auto& [tag, consumer] : consumers_) {
        shortest_ms = std::min(shortest_ms, timeout_ms_of(*consumer));
    }
    if (shortest_ms == for_ever) {
        return {};
    }
    std::int64_t timeout_ms = 0;
    const bool late = ledger_.any_of_oldest([&](const Consumer& consumer, TimePoint delivered_at, bool& go_on) {
        const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(connection_.now - delivered_at);
        go_on = age.count() > shortest_ms;
        timeout_ms = timeout_ms_of(consumer);
        return age.count() > timeout_ms;
    });
    if (!late) {
        return {};
    }
    return amqp::precondition_failed("delivery acknowledgement on channel " + std::to_string(number_) +
                                     " timed out. Timeout value used: " + std::to_string(timeout_ms) +
                                     " ms. This timeout value can be configured, see consumers doc guide to "
                                     "learn more");
}

} // namespace broker
