#include "bench/producer.hpp"

#include "protocol/properties.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace bench {
namespace {

constexpr std::size_t batch_octets = 64 << 10;
constexpr std::size_t copied_below = 4096; // larger messages are not copied, see above
constexpr std::size_t max_large_batch = 64;
constexpr std::size_t stamp_size = 8;

} // namespace

Producer::Producer(const Options& options, const std::string& routing_key, Counters& counters)
    : Agent(options.uri),
      options_(options),
      counters_(counters),
      clock_(options.use_millis) {
    build_frames(routing_key);
    if (frames_.size() < copied_below) {
        per_batch_ = batch_octets / frames_.size();
        batch_.resize(per_batch_ * frames_.size());
    } else {
        per_batch_ = std::clamp<std::size_t>((1 << 20) / frames_.size(), 1, max_large_batch);
        batch_.resize(per_batch_ * stamp_size);
    }
    pieces_.reserve(3 * per_batch_);
    if (options_.confirm) {
        connection_.call<amqp::confirm::SelectOk>(amqp::confirm::Select{});
        const std::size_t ring = std::bit_ceil(std::size_t{4} * *options_.confirm);
        sent_at_.resize(ring);
        confirmed_.resize(ring);
    }
}

void Producer::build_frames(const std::string& routing_key) {
    amqp::BasicProperties properties;
    if (options_.persistent) {
        properties.delivery_mode = 2;
    }
    const auto message =
        amqp::Message::make(options_.exchange, routing_key, properties.encode(), std::string(options_.size, 'x'));
    amqp::write_method(frames_, Connection::channel,
                       amqp::basic::Publish{0, {options_.exchange}, {routing_key}, options_.mandatory});
    const std::size_t content = frames_.size();
    amqp::write_content(frames_, Connection::channel, *message, connection_.frame_max());
    stamped_ = options_.size >= stamp_size;
    // The header frame, then the head of the first body frame, then the body.
    stamp_ = content + amqp::frame_overhead + 12 + properties.encode().size() + amqp::frame_header_size;
}

std::uint64_t Producer::work(std::uint64_t now) {
    if (published_ == 0 && started_ == 0) {
        started_ = now;
        offset_ = clock_.now() - now_ns();
    }
    if (receive()) {
        connection_.take_frames([&](const amqp::Frame& frame) { on_frame(frame, now); });
    }
    send();
    std::uint64_t due = never;
    if (writable_ && sent_all()) {
        if (const std::size_t count = may_publish(now, due); count > 0) {
            publish(count, now);
            send();
            due = 0;
        }
    }
    return readable_ ? 0 : due;
}

bool Producer::finished() const {
    return options_.producer_messages && published_ == *options_.producer_messages && sent_all() && unconfirmed_ == 0;
}

std::size_t Producer::may_publish(std::uint64_t now, std::uint64_t& due) const {
    std::uint64_t count = per_batch_;
    if (options_.confirm) {
        count = std::min<std::uint64_t>(count, *options_.confirm - unconfirmed_);
        count = std::min<std::uint64_t>(count, sent_at_.size() - (published_ + 1 - lowest_));
    }
    if (options_.producer_messages) {
        count = std::min(count, *options_.producer_messages - published_);
    }
    if (options_.rate > 0 && count > 0) {
        const double per_message = 1e9 / options_.rate;
        const auto allowed = static_cast<std::uint64_t>(static_cast<double>(now - started_) / per_message) + 1;
        count = allowed > published_ ? std::min(count, allowed - published_) : 0;
        due = started_ + static_cast<std::uint64_t>(std::ceil(per_message * static_cast<double>(published_ + count)));
    }
    return static_cast<std::size_t>(count);
}

void Producer::publish(std::size_t count, std::uint64_t now) {
    const bool copied = frames_.size() < copied_below;
    char* place = batch_.data();
    for (std::size_t i = 0; i < count; ++i) {
        std::uint64_t intended = now;
        if (options_.rate > 0) {
            intended = started_ + static_cast<std::uint64_t>(1e9 / options_.rate * static_cast<double>(published_));
        }
        if (copied) {
            std::memcpy(place, frames_.data(), frames_.size());
            stamp(place + stamp_, intended);
            place += frames_.size();
        } else {
            stamp(place, intended);
            pieces_.push_back({frames_.data(), stamp_});
            pieces_.push_back({place, stamp_size});
            pieces_.push_back({frames_.data() + stamp_ + stamp_size, frames_.size() - stamp_ - stamp_size});
            place += stamp_size;
        }
        ++published_;
        if (options_.confirm) {
            sent_at_[published_ & (sent_at_.size() - 1)] = intended;
            confirmed_[published_ & (sent_at_.size() - 1)] = false;
        }
    }
    if (copied) {
        pieces_.push_back({batch_.data(), count * frames_.size()});
    }
    unconfirmed_ += options_.confirm ? count : 0;
    counters_.published.add(count);
}

void Producer::stamp(char* place, std::uint64_t now) {
    if (stamped_) {
        const std::uint64_t time = now + offset_;
        std::memcpy(place, &time, sizeof time);
    }
}

void Producer::on_frame(const amqp::Frame& frame, std::uint64_t now) {
    if (frame.type != amqp::FrameType::method) {
        return; // the content of what is returned
    }
    const auto id = amqp::method_id(frame.payload);
    if (id && *id == amqp::basic::Return::id) {
        counters_.returned.add(1);
        return;
    }
    const bool acked = id && *id == amqp::basic::Ack::id;
    if (!options_.confirm || !(acked || (id && *id == amqp::basic::Nack::id))) {
        connection_.fail_on(frame);
    }
    amqp::WireReader reader(frame.payload.substr(4)); // of both alike
    const auto tag = reader.get<amqp::DeliveryTag>();
    const bool multiple = reader.get<bool>();
    const std::uint64_t before = unconfirmed_;
    for (std::uint64_t one = multiple ? lowest_ : tag; one <= std::min(tag, published_); ++one) {
        confirm_one(one, now);
    }
    while (lowest_ <= published_ && confirmed_[lowest_ & (confirmed_.size() - 1)]) {
        ++lowest_;
    }
    (acked ? counters_.confirmed : counters_.nacked).add(before - unconfirmed_);
}

void Producer::confirm_one(amqp::DeliveryTag tag, std::uint64_t now) {
    const std::size_t place = tag & (confirmed_.size() - 1);
    if (tag >= lowest_ && !confirmed_[place]) {
        confirmed_[place] = true;
        --unconfirmed_;
        counters_.confirm_latency.record(now > sent_at_[place] ? now - sent_at_[place] : 0);
    }
}

} // namespace bench
