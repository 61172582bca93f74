#include "bench/poller.hpp"

#include "protocol/methods.hpp"

#include <algorithm>

namespace bench {

std::uint64_t Poller::produce(std::uint64_t now, std::vector<iovec>& pieces) {
    if (!asked_ && now >= ask_at_ && !had_all()) {
        amqp::write_method(output_.frames(), channel_, amqp::basic::Get{.queue = {queue_}, .no_ack = options_.autoack});
        asked_ = true;
    }
    const std::uint64_t due = asked_ || had_all() ? never : ask_at_;
    return std::min(due, Consumer::produce(now, pieces));
}

void Poller::on_method(const amqp::Frame& frame, std::uint64_t now) {
    const auto id = amqp::method_id(frame.payload);
    if (id && *id == amqp::basic::GetEmpty::id) {
        asked_ = false;
        ask_at_ = now + static_cast<std::uint64_t>(options_.polling_interval_ms * 1e6);
        return;
    }
    if (!id || *id != amqp::basic::GetOk::id) {
        return Consumer::on_method(frame, now);
    }
    amqp::WireReader reader(frame.payload.substr(4));
    tag_ = reader.get<amqp::DeliveryTag>();
}

void Poller::on_message(std::uint64_t now) {
    asked_ = false;
    Consumer::on_message(now);
}

} // namespace bench
