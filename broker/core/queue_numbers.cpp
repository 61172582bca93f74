// Queue: what administration wants to know of it.
#include "broker/core/queue.hpp"

#include <algorithm>

namespace broker {

void Queue::change_waiting() {
    const std::int64_t now_ms = host_.clock().now_ms();
    if (waiting_since_ms_ != 0) {
        waited_ms_ += static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms - waiting_since_ms_, 0));
        waiting_since_ms_ = 0;
    } else {
        waiting_since_ms_ = now_ms;
    }
}

std::uint64_t Queue::waited_ms() const {
    const std::int64_t since = waiting_since_ms_ == 0 ? 0 : host_.clock().now_ms() - waiting_since_ms_;
    return waited_ms_ + static_cast<std::uint64_t>(std::max<std::int64_t>(since, 0));
}

const amqp::Message* Queue::head() const {
    return front_is_next() ? list_.front().message.get() : nullptr;
}

} // namespace broker
