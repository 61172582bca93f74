#include "bench/consumer.hpp"

#include "protocol/methods.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace bench {

Consumer::Consumer(const Options& options, Connection& connection, amqp::ChannelNumber channel, std::string queue,
                   Counters& counters)
    : Role(connection, channel, counters),
      options_(options),
      queue_(std::move(queue)),
      clock_(options.use_millis),
      slow_(!options.consumer_rate.empty() || !options.consumer_latency.empty()) {
    if (options_.qos != 0) {
        connection_.call<amqp::basic::QosOk>(amqp::basic::Qos{0, options_.qos, false}, channel_);
    }
    if (options_.global_qos != 0) {
        connection_.call<amqp::basic::QosOk>(amqp::basic::Qos{0, options_.global_qos, true}, channel_);
    }
    if (options_.consumer_tx > 0) {
        connection_.call<amqp::tx::SelectOk>(amqp::tx::Select{}, channel_);
    }
}

// Without an answer: deliveries to another channel of the connection could come before it.
void Consumer::subscribe() {
    const std::string arguments = options_.consumer_arguments.encode();
    connection_.send_method(amqp::basic::Consume{.queue = {queue_},
                                                 .consumer_tag = {"perf-" + std::to_string(channel_)},
                                                 .no_ack = options_.autoack,
                                                 .no_wait = true,
                                                 .arguments = {arguments}},
                            channel_);
}

void Consumer::begin(std::uint64_t now) {
    started_ = now;
    clock_.synchronize();
}

std::uint64_t Consumer::produce(std::uint64_t now, std::vector<iovec>& pieces) {
    output_.produce(pieces);
    return slow_ && next_at_ > now ? next_at_ : never;
}

bool Consumer::finished() const {
    return had_all() && unsettled_ == 0 && !committing_ && output_.empty();
}

bool Consumer::on_frame(const amqp::Frame& frame, std::uint64_t now) {
    switch (frame.type) {
    case amqp::FrameType::method:
        if (slow_ && now < next_at_) {
            return false;
        }
        on_method(frame, now);
        return true;
    case amqp::FrameType::header: {
        amqp::WireReader reader(frame.payload.substr(4)); // after class and weight
        left_ = reader.get<std::uint64_t>();
        at_start_ = true;
        break;
    }
    case amqp::FrameType::body:
        on_body(frame, now);
        break;
    case amqp::FrameType::heartbeat:
        return true;
    }
    if (left_ == 0) {
        on_message(now);
    }
    return true;
}

void Consumer::on_body(const amqp::Frame& frame, std::uint64_t now) {
    if (std::uint64_t sent_at = 0; at_start_ && frame.payload.size() >= sizeof sent_at) {
        std::memcpy(&sent_at, frame.payload.data(), sizeof sent_at);
        const std::uint64_t time = clock_.of(now);
        counters_.consumer_latency.record(time > sent_at ? time - sent_at : 0);
    }
    at_start_ = false;
    left_ -= std::min<std::uint64_t>(left_, frame.payload.size());
}

void Consumer::on_method(const amqp::Frame& frame, std::uint64_t) {
    const auto id = amqp::method_id(frame.payload);
    if (id && *id == amqp::tx::CommitOk::id && committing_) {
        committing_ = false;
        settle_what_is_due();
        return;
    }
    if (!id || *id != amqp::basic::Deliver::id) {
        connection_.fail_on(frame);
    }
    amqp::WireReader reader(frame.payload.substr(4));
    reader.get<amqp::ShortString>(); // consumer tag
    tag_ = reader.get<amqp::DeliveryTag>();
}

void Consumer::on_message(std::uint64_t now) {
    ++consumed_;
    counters_.consumed.add(1);
    if (!options_.autoack) {
        ++unsettled_;
        settle_what_is_due();
    }
    if (slow_) {
        delay_next(now);
    }
}

void Consumer::delay_next(std::uint64_t now) {
    next_at_ = now;
    if (!options_.consumer_latency.empty()) {
        const Schedule& latency = options_.consumer_latency;
        next_at_ += static_cast<std::uint64_t>(latency.value_of(latency.step_at(now - started_)) * 1000);
    }
    if (!options_.consumer_rate.empty()) {
        next_at_ = std::max(next_at_, started_ + options_.consumer_rate.time_of(consumed_));
    }
}

// Nothing may be sent on a channel while its tx.commit is being answered.
void Consumer::settle_what_is_due() {
    if (committing_ || unsettled_ == 0 || (unsettled_ < options_.multi_ack_every && !had_all())) {
        return;
    }
    const bool multiple = unsettled_ > 1;
    if (options_.nack) {
        amqp::write_method(output_.frames(), channel_, amqp::basic::Nack{tag_, multiple, options_.requeue});
    } else {
        amqp::write_method(output_.frames(), channel_, amqp::basic::Ack{tag_, multiple});
    }
    unsettled_ = 0;
    if (options_.consumer_tx > 0 && (++uncommitted_ >= options_.consumer_tx || had_all())) {
        amqp::write_method(output_.frames(), channel_, amqp::tx::Commit{});
        uncommitted_ = 0;
        committing_ = true;
    }
}

} // namespace bench
