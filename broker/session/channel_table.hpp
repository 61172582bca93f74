// The channels of a connection by number. A channel ends twice, for the client and for the virtual host; between the
// two the client may already have opened another one with the same number. Owned by the Session.
#pragma once

#include "broker/session/channel.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <memory>

namespace broker {

class ChannelTable {
 public:
    // The one that the client means by this number; null when it is free.
    Channel* for_client(amqp::ChannelNumber number) {
        const Slot* const slot = find(number);
        return slot == nullptr ? nullptr : slot->current.get();
    }
    // The one that the virtual host speaks of; null when it is over for both.
    Channel* find_for_virtual_host(amqp::ChannelNumber number);
    Channel& for_virtual_host(amqp::ChannelNumber number); // which must be there

    Channel& add(amqp::ChannelNumber number, ConnectionContext& connection); // requires for_client == null
    void end_for_client(amqp::ChannelNumber number);
    void end_for_virtual_host(amqp::ChannelNumber number);
    void end_for_both(amqp::ChannelNumber number);
    void clear() {
        slots_.clear();
        last_ = nullptr;
    }

    std::size_t open() const; // how many the client may take for open
    template <class Visit>
    void for_each(Visit&& visit) {
        for (auto& [number, slot] : slots_) {
            for (Channel* const channel : {slot.leaving.get(), slot.current.get()}) {
                if (channel != nullptr) {
                    visit(*channel);
                }
            }
        }
    }
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const auto& [number, slot] : slots_) {
            if (slot.current != nullptr) {
                visit(std::as_const(*slot.current));
            }
        }
    }

 private:
    struct Slot {
        std::unique_ptr<Channel> current;
        std::unique_ptr<Channel> leaving; // over for the client, but not for the virtual host
    };

    Slot* find(amqp::ChannelNumber number) {
        return last_ != nullptr && last_number_ == number ? last_ : look_up(number);
    }
    Slot* look_up(amqp::ChannelNumber number);
    void erase(amqp::ChannelNumber number);

    boost::unordered_flat_map<amqp::ChannelNumber, Slot> slots_;
    // The slot that was looked for last: three frames of a message and those of its neighbours mean the same channel.
    // Null when slots may have moved.
    Slot* last_ = nullptr;
    amqp::ChannelNumber last_number_ = 0;
};

} // namespace broker
