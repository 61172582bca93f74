#include "broker/session/channel_table.hpp"

#include "protocol/assert.hpp"

#include <algorithm>

namespace broker {

ChannelTable::Slot* ChannelTable::look_up(amqp::ChannelNumber number) {
    const auto slot = slots_.find(number);
    last_ = slot == slots_.end() ? nullptr : &slot->second;
    last_number_ = number;
    return last_;
}

void ChannelTable::erase(amqp::ChannelNumber number) {
    slots_.erase(number);
    last_ = nullptr;
}

Channel* ChannelTable::find_for_virtual_host(amqp::ChannelNumber number) {
    const Slot* const slot = find(number);
    if (slot == nullptr) {
        return nullptr;
    }
    const auto& [current, leaving] = *slot;
    Channel* const channel = leaving != nullptr ? leaving.get() : current.get();
    return channel->released ? nullptr : channel;
}

Channel& ChannelTable::for_virtual_host(amqp::ChannelNumber number) {
    Channel* const channel = find_for_virtual_host(number);
    LEVERET_ASSERT(channel != nullptr);
    return *channel;
}

Channel& ChannelTable::add(amqp::ChannelNumber number, ConnectionContext& connection) {
    last_ = nullptr;
    Slot& slot = slots_[number];
    LEVERET_ASSERT(slot.current == nullptr);
    slot.current = std::make_unique<Channel>(number, connection);
    return *slot.current;
}

void ChannelTable::end_for_client(amqp::ChannelNumber number) {
    Slot& slot = slots_.at(number);
    if (slot.current->released) {
        erase(number);
        return;
    }
    LEVERET_ASSERT(slot.leaving == nullptr);
    slot.leaving = std::move(slot.current);
}

void ChannelTable::end_for_virtual_host(amqp::ChannelNumber number) {
    Slot& slot = slots_.at(number);
    if (slot.leaving == nullptr) {
        slot.current->released = true;
        return;
    }
    slot.leaving.reset();
    if (slot.current == nullptr) {
        erase(number);
    }
}

void ChannelTable::end_for_both(amqp::ChannelNumber number) {
    erase(number);
}

std::size_t ChannelTable::open() const {
    return static_cast<std::size_t>(std::ranges::count_if(slots_, [](const auto& entry) {
        const Slot& slot = entry.second;
        return slot.current != nullptr && slot.current->state != Channel::State::closed_by_error;
    }));
}

} // namespace broker
