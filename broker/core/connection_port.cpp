#include "broker/core/connection_port.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace broker {

void ConnectionPort::note_dirty() {
    if (!dirty_) {
        dirty_ = true;
        dirty_ports_->push_back(this);
        events_.reserve(usual_events_);
    }
}

void ConnectionPort::emit_confirmed(amqp::ChannelNumber channel, bool accepted, std::uint64_t first,
                                    std::uint64_t count) {
    append_confirmed(held_.empty() ? events_ : held_.back().events, {channel, accepted, first, count});
}

ConnectionPort::Place ConnectionPort::confirm_place(std::uint64_t commit) const {
    return held_.empty() ? place_of(commit) : std::max(place_of(commit), held_.back().place);
}

void ConnectionPort::emit_confirmed_at(Place place, amqp::ChannelNumber channel, bool accepted, std::uint64_t first,
                                       std::uint64_t count) {
    const auto behind =
        std::find_if(held_.rbegin(), held_.rend(), [&](const Held& held) { return held.place <= place; });
    append_confirmed(behind == held_.rend() ? events_ : behind->events, {channel, accepted, first, count});
}

void ConnectionPort::append_confirmed(EventBatch& events, Confirmed confirmed) {
    if (!events.empty()) {
        if (auto* last = std::get_if<Confirmed>(&events.back());
            last != nullptr && last->channel == confirmed.channel && last->accepted == confirmed.accepted &&
            last->first + last->count == confirmed.first) {
            last->count += confirmed.count;
            return;
        }
    }
    if (&events == &events_) {
        note_dirty();
    }
    events.push_back(confirmed);
}

void ConnectionPort::gate_at(Place place) {
    if (held_.empty() || held_.back().place < place) {
        held_.push_back({place, 0, {}});
    }
}

void ConnectionPort::release(std::uint64_t commit) {
    durable_ = commit;
    release_ready();
}

void ConnectionPort::release_ready() {
    while (!held_.empty() && held_.front().place <= place_of(durable_) + 1 && held_.front().reservation == 0) {
        EventBatch& events = held_.front().events;
        if (!events.empty()) {
            note_dirty();
        }
        events_.insert(events_.end(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
        held_.pop_front();
    }
}

std::uint64_t ConnectionPort::reserve() {
    held_.push_back({held_.empty() ? 0 : held_.back().place, ++last_reservation_, {}});
    return last_reservation_;
}

void ConnectionPort::fill(std::uint64_t reservation, Event event) {
    for (Held& held : held_) {
        if (held.reservation == reservation) {
            held.reservation = 0;
            held.events.insert(held.events.begin(), std::move(event));
            break;
        }
    }
    release_ready();
}

bool ConnectionPort::count_written(std::size_t bytes) {
    // Plain store: the network thread is the only writer. The strand sets paused_ after it saw us congested and looks
    // again; we look at paused_ after we moved on. One of the two sees the other.
    written_bytes_.store(written_bytes_.load(std::memory_order_relaxed) + bytes, std::memory_order_seq_cst);
    return paused_.load(std::memory_order_seq_cst) && paused_.exchange(false, std::memory_order_seq_cst);
}

ChannelPort* ConnectionPort::find_channel(amqp::ChannelNumber number) {
    if (last_channel_ != nullptr && last_channel_->number == number) {
        return last_channel_;
    }
    const auto found = channels.find(number);
    return found == channels.end() ? nullptr : last_channel_ = found->second.get();
}

} // namespace broker
