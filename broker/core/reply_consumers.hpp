// Direct reply-to [1.8]: the channels of a virtual host that wait for replies without a queue, each by the address that
// the broker puts into its requests. Owned by the VirtualHost, on its strand. Who knows an address may reply to it from
// any connection; so addresses are random and cannot be guessed.
//
// Replies are delivered at most once and never kept: one to a requester who has gone, or who does not read what he has
// got already, is dropped.
#pragma once

#include "broker/core/consumer.hpp"
#include "broker/routing/destination.hpp"
#include "broker/routing/text_hash.hpp"
#include "protocol/message.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace broker {

class ChannelPort;

// What a requester consumes from and writes into reply-to; followed by a dot and more it is an address.
inline constexpr std::string_view reply_queue = "amq.rabbitmq.reply-to";

inline bool is_reply_address(std::string_view name) {
    return name.size() > reply_queue.size() && name.starts_with(reply_queue) && name[reply_queue.size()] == '.';
}

// Either: there are no queues of these names.
inline bool is_reply_queue(std::string_view name) {
    return name == reply_queue || is_reply_address(name);
}

class ReplyConsumer final : public Destination {
 public:
    ReplyConsumer() : Destination(Kind::reply_consumer, {}) {} // nobody: what he gets is dropped
    ReplyConsumer(std::string address, ChannelPort& channel, ConsumerPtr consumer)
        : Destination(Kind::reply_consumer, address),
          address_(std::move(address)),
          channel_(&channel),
          consumer_(std::move(consumer)) {}

    const std::string& address() const { return address_; }
    const Consumer* consumer() const { return consumer_.get(); }
    void deliver(const amqp::MessagePtr& message);

    // So much may wait for the connection of a requester: more than for other consumers, for whom a queue keeps it.
    static constexpr std::uint64_t max_unwritten_bytes = 16 << 20;

 private:
    const std::string address_;
    ChannelPort* const channel_ = nullptr;
    const ConsumerPtr consumer_;
};

class ReplyConsumers {
 public:
    // At most one for each channel, which the session sees to.
    void add(ChannelPort& channel, ConsumerPtr consumer, std::string address);
    void remove(ChannelPort& channel); // cancelled, or the channel ends; if there is one
    bool contains(std::string_view address) const { return by_address_.contains(address); }
    // Somebody for every address: RabbitMQ takes replies to those who have gone for routed, since 4.2.
    ReplyConsumer& find(std::string_view address);

 private:
    std::unordered_map<std::string_view, std::unique_ptr<ReplyConsumer>, TextHash> by_address_; // its own
    ReplyConsumer nobody_;
};

} // namespace broker
