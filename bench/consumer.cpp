#include "bench/consumer.hpp"

#include <algorithm>
#include <cstring>

namespace bench {

Consumer::Consumer(const Options& options, std::string queue, Counters& counters)
    : Agent(options.uri),
      options_(options),
      queue_(std::move(queue)),
      counters_(counters),
      clock_(options.use_millis) {}

void Consumer::subscribe() {
    if (options_.qos != 0) {
        connection_.call<amqp::basic::QosOk>(amqp::basic::Qos{0, options_.qos, false});
    }
    connection_.call<amqp::basic::ConsumeOk>(amqp::basic::Consume{.queue = {queue_}, .no_ack = options_.autoack});
}

std::uint64_t Consumer::work(std::uint64_t) {
    if (receive()) {
        const std::uint64_t now = clock_.now();
        connection_.take_frames([&](const amqp::Frame& frame) { on_frame(frame, now); });
    }
    send();
    if (sent_all() && !acks_.empty()) {
        sending_.swap(acks_);
        acks_.clear();
        pieces_.push_back({sending_.data(), sending_.size()});
        send();
    }
    return readable_ ? 0 : never;
}

bool Consumer::finished() const {
    return options_.consumer_messages && consumed_ >= *options_.consumer_messages && acks_.empty() && sent_all();
}

void Consumer::on_frame(const amqp::Frame& frame, std::uint64_t now) {
    switch (frame.type) {
    case amqp::FrameType::method:
        return on_method(frame);
    case amqp::FrameType::header: {
        amqp::WireReader reader(frame.payload.substr(4)); // after class and weight
        left_ = reader.get<std::uint64_t>();
        at_start_ = true;
        break;
    }
    case amqp::FrameType::body: {
        if (std::uint64_t sent_at = 0; at_start_ && frame.payload.size() >= sizeof sent_at) {
            std::memcpy(&sent_at, frame.payload.data(), sizeof sent_at);
            counters_.consumer_latency.record(now > sent_at ? now - sent_at : 0);
        }
        at_start_ = false;
        left_ -= std::min<std::uint64_t>(left_, frame.payload.size());
        break;
    }
    case amqp::FrameType::heartbeat:
        return;
    }
    if (left_ == 0) {
        on_message();
    }
}

void Consumer::on_method(const amqp::Frame& frame) {
    const auto id = amqp::method_id(frame.payload);
    if (!id || *id != amqp::basic::Deliver::id) {
        connection_.fail_on(frame);
    }
    amqp::WireReader reader(frame.payload.substr(4));
    reader.get<amqp::ShortString>(); // consumer tag
    tag_ = reader.get<amqp::DeliveryTag>();
}

void Consumer::on_message() {
    ++consumed_;
    counters_.consumed.add(1);
    if (!options_.autoack) {
        ++unacked_;
        const bool last = options_.consumer_messages && consumed_ == *options_.consumer_messages;
        if (unacked_ >= options_.multi_ack_every || last) {
            acknowledge();
        }
    }
}

void Consumer::acknowledge() {
    amqp::write_method(acks_, Connection::channel, amqp::basic::Ack{tag_, unacked_ > 1});
    unacked_ = 0;
}

} // namespace bench
