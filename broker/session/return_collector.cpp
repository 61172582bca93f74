#include "broker/session/return_collector.hpp"

#include <algorithm>

namespace broker {

void ReturnCollector::add(Consumer& consumer, Unacked unacked) {
    const auto [entry, added] = index_.try_emplace(&consumer, returns_.size());
    if (added) {
        returns_.push_back({&consumer, how_, {}});
    }
    returns_[entry->second].deliveries.push_back(std::move(unacked));
}

void ReturnCollector::submit(amqp::ChannelNumber channel, CommandBatch& commands) {
    for (Return& back : returns_) {
        // A message that came back once and was delivered again has a lower sequence than those before it.
        std::ranges::sort(back.deliveries, {}, &Unacked::sequence);
        commands.push_back({channel, std::move(back)});
    }
    returns_.clear();
    index_.clear();
}

} // namespace broker
