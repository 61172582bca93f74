#include "bench/churner.hpp"

#include "protocol/methods.hpp"

#include <utility>

namespace bench {

Churner::Churner(const Options& options, Connection& connection, std::string prefix, Counters& counters)
    : Role(connection, 1, counters),
      options_(options),
      prefix_(std::move(prefix)),
      cycles_(options.confirm.value_or(1)) {
    if (options_.churn == Churn::bindings) {
        declare_place();
    }
}

// What is bound to what: a queue and an exchange that go with the connection, durable ones by -f persistent.
void Churner::declare_place() {
    const bool durable = options_.persistent();
    connection_.call<amqp::exchange::DeclareOk>(amqp::exchange::Declare{
        .exchange = {prefix_}, .type = {options_.exchange_type}, .durable = durable, .auto_delete = true});
    connection_.call<amqp::queue::DeclareOk>(
        amqp::queue::Declare{.queue = {prefix_}, .durable = durable, .exclusive = true});
    connection_.call<amqp::queue::BindOk>( // the exchange stays while there is a binding
        amqp::queue::Bind{.queue = {prefix_}, .exchange = {prefix_}, .routing_key = {prefix_}});
}

amqp::ChannelNumber Churner::channel_of(std::size_t slot) const {
    return static_cast<amqp::ChannelNumber>(channel_ + 1 + slot);
}

void Churner::begin(std::uint64_t now) {
    for (std::size_t slot = 0; slot < cycles_.size(); ++slot) {
        start(slot, now);
    }
}

void Churner::start(std::size_t slot, std::uint64_t now) {
    if (begun_ == options_.producer_messages.value_or(never)) {
        return;
    }
    cycles_[slot] = {prefix_ + "-" + std::to_string(++begun_), now, false};
    request(slot);
}

void Churner::request(std::size_t slot) {
    if (cycles_[slot].made) {
        remove(slot);
    } else {
        make(slot);
    }
    asked_.push_back(slot);
}

void Churner::make(std::size_t slot) {
    const std::string& name = cycles_[slot].name;
    if (options_.churn == Churn::channels) {
        amqp::write_method(output_.frames(), channel_of(slot), amqp::channel::Open{});
    } else if (options_.churn == Churn::queues) {
        const std::string arguments = options_.queue_arguments.encode();
        amqp::write_method(
            output_.frames(), channel_,
            amqp::queue::Declare{.queue = {name}, .durable = options_.durable_queues(), .arguments = {arguments}});
    } else {
        amqp::write_method(output_.frames(), channel_,
                           amqp::queue::Bind{.queue = {prefix_}, .exchange = {prefix_}, .routing_key = {name}});
    }
}

void Churner::remove(std::size_t slot) {
    const std::string& name = cycles_[slot].name;
    if (options_.churn == Churn::channels) {
        amqp::write_method(output_.frames(), channel_of(slot), amqp::channel::Close{200, {"done"}, 0, 0});
    } else if (options_.churn == Churn::queues) {
        amqp::write_method(output_.frames(), channel_, amqp::queue::Delete{.queue = {name}});
    } else {
        amqp::write_method(output_.frames(), channel_,
                           amqp::queue::Unbind{.queue = {prefix_}, .exchange = {prefix_}, .routing_key = {name}});
    }
}

bool Churner::is_answer(const amqp::Frame& frame, bool to_removal) const {
    const auto id = amqp::method_id(frame.payload);
    if (frame.type != amqp::FrameType::method || !id) {
        return false;
    }
    switch (options_.churn) {
    case Churn::channels:
        return *id == (to_removal ? amqp::channel::CloseOk::id : amqp::channel::OpenOk::id);
    case Churn::queues:
        return *id == (to_removal ? amqp::queue::DeleteOk::id : amqp::queue::DeclareOk::id);
    default:
        return *id == (to_removal ? amqp::queue::UnbindOk::id : amqp::queue::BindOk::id);
    }
}

bool Churner::on_frame(const amqp::Frame& frame, std::uint64_t now) {
    std::size_t slot = asked_.empty() ? 0 : asked_.front();
    if (options_.churn == Churn::channels && frame.channel > channel_) { // they need not answer in order
        slot = frame.channel - std::size_t{1} - channel_;
    }
    if (slot >= cycles_.size() || asked_.empty() || !is_answer(frame, cycles_[slot].made)) {
        connection_.fail_on(frame);
    }
    asked_.pop_front();
    if (!std::exchange(cycles_[slot].made, true)) {
        request(slot);
        return true;
    }
    ++done_;
    counters_.cycles.add(1);
    counters_.cycle_latency.record(now - cycles_[slot].began);
    start(slot, now);
    return true;
}

std::uint64_t Churner::produce(std::uint64_t, std::vector<iovec>& pieces) {
    output_.produce(pieces);
    return never;
}

bool Churner::finished() const {
    return done_ == options_.producer_messages.value_or(never);
}

} // namespace bench
