#include "bench/producer.hpp"

#include "protocol/methods.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace bench {
namespace {

constexpr std::size_t batch_octets = 64 << 10;
constexpr std::size_t copied_below = 4096; // larger messages are not copied, see above
constexpr std::size_t max_large_octets = 1 << 20;

std::string body_of(const Options& options, std::size_t number, std::size_t size_step) {
    if (!options.bodies.empty()) {
        return options.bodies[number % options.bodies.size()];
    }
    return std::string(
        options.sizes.empty() ? options.size : static_cast<std::size_t>(options.sizes.value_of(size_step)), 'x');
}

} // namespace

Producer::Producer(const Options& options, Connection& connection, amqp::ChannelNumber channel,
                   const std::vector<std::string>& routing_keys, Counters& counters)
    : Role(connection, channel, counters),
      options_(options),
      clock_(options.use_millis),
      batch_(std::make_unique_for_overwrite<char[]>(batch_octets)) {
    prepare(routing_keys);
    if (options_.confirm) {
        connection_.call<amqp::confirm::SelectOk>(amqp::confirm::Select{}, channel_);
        window_.emplace(*options_.confirm);
    } else if (options_.producer_tx > 0) {
        connection_.call<amqp::tx::SelectOk>(amqp::tx::Select{}, channel_);
        amqp::write_method(commit_frame_, channel_, amqp::tx::Commit{});
    }
}

void Producer::prepare(const std::vector<std::string>& routing_keys) {
    const PreparedMessage::Envelope envelope{.channel = channel_,
                                             .frame_max = connection_.frame_max(),
                                             .exchange = options_.exchange,
                                             .properties = options_.properties.encode(),
                                             .mandatory = options_.mandatory};
    const std::size_t count = std::max(routing_keys.size(), options_.bodies.size());
    for (std::size_t step = 0; step < std::max<std::size_t>(1, options_.sizes.steps()); ++step) {
        auto& set = messages_.emplace_back();
        for (std::size_t i = 0; i < count; ++i) {
            set.emplace_back(envelope, routing_keys[i % routing_keys.size()], body_of(options_, i, step));
        }
    }
}

void Producer::begin(std::uint64_t now) {
    std::random_device random;
    const double delay = options_.random_start_delay_s * 1e9 * static_cast<double>(random()) /
                         static_cast<double>(std::random_device::max());
    started_ = now + static_cast<std::uint64_t>(delay);
    clock_.synchronize();
}

std::uint64_t Producer::produce(std::uint64_t now, std::vector<iovec>& pieces) {
    check_confirm_timeout(now);
    batched_ = 0;
    large_ = 0;
    if (now < started_) {
        return started_;
    }
    if (const std::uint64_t count = may_publish(now); count > 0) {
        publish(count, now, pieces);
    }
    return due(now);
}

bool Producer::finished() const {
    const bool unsettled = window_ ? window_->unconfirmed() > 0 : options_.producer_tx > 0 && committed_ < published_;
    return options_.producer_messages && published_ == *options_.producer_messages && !unsettled;
}

std::uint64_t Producer::may_publish(std::uint64_t now) const {
    std::uint64_t count = batch_octets; // more than a batch can hold
    if (window_) {
        count = window_->room();
    } else if (options_.producer_tx > 0) {
        count = committing_ ? 0 : options_.producer_tx - (published_ - committed_);
    }
    if (options_.producer_messages) {
        count = std::min(count, *options_.producer_messages - published_);
    }
    if (!options_.rate.empty() && count > 0) {
        const std::uint64_t allowed = options_.rate.due_at(now - started_);
        count = allowed > published_ ? std::min(count, allowed - published_) : 0;
    }
    return count;
}

// What else holds a producer back ends when something comes or has been sent.
std::uint64_t Producer::due(std::uint64_t now) const {
    const bool only_the_rate = !options_.rate.empty() && (!window_ || window_->room() > 0) &&
                               published_ != options_.producer_messages.value_or(Role::never);
    const std::uint64_t at = only_the_rate ? started_ + options_.rate.time_of(published_) : never;
    return window_ && window_->unconfirmed() > 0 ? std::min(at, now + 1'000'000'000) : at;
}

void Producer::publish(std::uint64_t count, std::uint64_t now, std::vector<iovec>& pieces) {
    const std::uint64_t elapsed = now - started_;
    const auto& set = messages_[options_.sizes.empty() ? 0 : options_.sizes.step_at(elapsed)];
    const std::uint64_t before = published_;
    const bool rated = !options_.rate.empty();
    for (; count > 0; --count) {
        turn_ = turn_ < set.size() ? turn_ : 0;
        const PreparedMessage& message = set[turn_];
        if (!batch_has_room(message)) {
            break;
        }
        ++turn_;
        const std::uint64_t intended = rated ? started_ + options_.rate.time_of(published_) : now;
        if (message.size() < copied_below) {
            add_small(message, clock_.of(intended), pieces);
        } else {
            add_large(message, clock_.of(intended), pieces);
        }
        ++published_;
        if (window_) {
            window_->sent(intended);
        }
    }
    counters_.published.add(published_ - before);
    const bool last = published_ == options_.producer_messages.value_or(Role::never);
    if (options_.producer_tx > 0 && (last || published_ - committed_ == options_.producer_tx)) {
        commit(pieces);
    }
}

bool Producer::batch_has_room(const PreparedMessage& message) const {
    const std::size_t needed = message.size() < copied_below ? message.size() : PreparedMessage::stamp_size;
    return batched_ + needed <= batch_octets && large_ < max_large_octets;
}

void Producer::add_small(const PreparedMessage& message, std::uint64_t time, std::vector<iovec>& pieces) {
    char* place = batch_.get() + batched_;
    message.copy_to(place);
    if (message.stamped()) {
        std::memcpy(place + message.stamp_place(), &time, sizeof time);
    }
    if (batched_ > 0 && static_cast<char*>(pieces.back().iov_base) + pieces.back().iov_len == place) {
        pieces.back().iov_len += message.size();
    } else {
        pieces.push_back({place, message.size()});
    }
    batched_ += message.size();
}

void Producer::add_large(const PreparedMessage& message, std::uint64_t time, std::vector<iovec>& pieces) {
    char* frames = const_cast<char*>(message.frames().data());
    char* place = batch_.get() + batched_;
    std::memcpy(place, &time, sizeof time);
    const std::size_t rest = message.stamp_place() + PreparedMessage::stamp_size;
    pieces.push_back({frames, message.stamp_place()});
    pieces.push_back({place, PreparedMessage::stamp_size});
    pieces.push_back({frames + rest, message.size() - rest});
    batched_ += PreparedMessage::stamp_size;
    large_ += message.size();
}

void Producer::commit(std::vector<iovec>& pieces) {
    pieces.push_back({commit_frame_.data(), commit_frame_.size()});
    committing_ = true;
}

void Producer::check_confirm_timeout(std::uint64_t now) const {
    if (!window_ || window_->unconfirmed() == 0 || options_.confirm_timeout_s <= 0 || window_->oldest() > now) {
        return;
    }
    if (static_cast<double>(now - window_->oldest()) > options_.confirm_timeout_s * 1e9) {
        connection_.fail("a message has not been confirmed in time [-ct]");
    }
}

bool Producer::on_frame(const amqp::Frame& frame, std::uint64_t now) {
    if (frame.type != amqp::FrameType::method) {
        return true; // the content of what is returned
    }
    const auto id = amqp::method_id(frame.payload);
    if (id && *id == amqp::basic::Return::id) {
        counters_.returned.add(1);
        return true;
    }
    if (id && *id == amqp::tx::CommitOk::id && committing_) {
        counters_.confirmed.add(published_ - committed_);
        committed_ = published_;
        committing_ = false;
        return true;
    }
    const bool acked = id && *id == amqp::basic::Ack::id;
    if (!window_ || !(acked || (id && *id == amqp::basic::Nack::id))) {
        connection_.fail_on(frame);
    }
    amqp::WireReader reader(frame.payload.substr(4)); // of both alike
    const auto tag = reader.get<amqp::DeliveryTag>();
    const bool multiple = reader.get<bool>();
    (acked ? counters_.confirmed : counters_.nacked)
        .add(window_->settle(tag, multiple, now, counters_.confirm_latency));
    return true;
}

} // namespace bench
