#include "broker/core/consumer_set.hpp"

#include "broker/core/connection_port.hpp"

#include <iterator>
#include <utility>

namespace broker {

bool ConsumerSet::has_room(const Consumer& consumer) {
    const ChannelPort* channel = consumer.strand.channel;
    if (channel == nullptr || channel->stopped) {
        return false;
    }
    ConnectionPort& connection = channel->connection;
    if (connection.congested()) {
        // Say that we wait, then look again: see ConnectionPort::count_written.
        connection.note_paused();
        if (connection.congested()) {
            return false;
        }
    }
    if (consumer.options().no_ack) {
        return true;
    }
    const std::uint32_t prefetch = consumer.options().prefetch;
    return (prefetch == 0 || consumer.strand.unacked < prefetch) &&
           (channel->global_prefetch == 0 || channel->global_unacked < channel->global_prefetch);
}

void ConsumerSet::add(ConsumerPtr consumer) {
    Consumer& added = *consumer;
    Ring& ring = rings_[added.options().priority];
    added.strand.position = ring.insert(ring.end(), &added);
    added.strand.blocked = false;
    added.strand.registered = true;
    added.strand.age = next_age_++;
    by_age_.emplace(added.strand.age, std::move(consumer));
    ++size_;
    choose_active();
}

void ConsumerSet::remove(Consumer& consumer) {
    if (consumer.strand.blocked) {
        blocked_.erase(consumer.strand.position);
    } else {
        const auto ring = rings_.find(consumer.options().priority);
        ring->second.erase(consumer.strand.position);
        if (ring->second.empty()) {
            rings_.erase(ring);
        }
    }
    consumer.strand.registered = false;
    consumer.strand.blocked = false; // acknowledgements that come later must not put it back
    --size_;
    if (active_ == &consumer) {
        active_ = nullptr;
    }
    const auto owned = by_age_.extract(consumer.strand.age); // the last reference may go here
    choose_active();
}

void ConsumerSet::choose_active() {
    if (!single_active_ || active_ != nullptr) {
        return;
    }
    for (const auto& [age, consumer] : by_age_) {
        if (active_ == nullptr || consumer->options().priority > active_->options().priority) {
            active_ = consumer.get();
        }
    }
}

Consumer* ConsumerSet::next() {
    if (single_active_) {
        return active_ != nullptr && has_room(*active_) ? active_ : nullptr;
    }
    while (!rings_.empty()) {
        Ring& ring = rings_.begin()->second;
        Consumer* consumer = ring.front();
        if (has_room(*consumer)) {
            ring.splice(ring.end(), ring, ring.begin());
            return consumer;
        }
        consumer->strand.blocked = true;
        blocked_.splice(blocked_.end(), ring, ring.begin());
        if (ring.empty()) {
            rings_.erase(rings_.begin());
        }
    }
    return nullptr;
}

void ConsumerSet::unblock(Consumer& consumer) {
    if (!consumer.strand.blocked) {
        return;
    }
    consumer.strand.blocked = false;
    Ring& ring = rings_[consumer.options().priority];
    ring.splice(ring.end(), blocked_, consumer.strand.position);
}

} // namespace broker
