#include "broker/core/reply_consumers.hpp"

#include "broker/core/connection_port.hpp"
#include "protocol/assert.hpp"

#include <utility>

namespace broker {

void ReplyConsumer::deliver(const amqp::MessagePtr& message) {
    if (consumer_ == nullptr) {
        return;
    }
    ConnectionPort& connection = channel_->connection;
    if (connection.unwritten_bytes() > max_unwritten_bytes) {
        return;
    }
    connection.count_sent(ConnectionPort::weight(*message));
    connection.emit(Deliver{consumer_.get(), message, 0, storage::StoredMessage::no_expiry, 0, false});
}

void ReplyConsumers::add(ChannelPort& channel, ConsumerPtr consumer, std::string address) {
    LEVERET_ASSERT(channel.reply_consumer == nullptr);
    auto added = std::make_unique<ReplyConsumer>(std::move(address), channel, std::move(consumer));
    channel.reply_consumer = added.get();
    const std::string_view key = added->address();
    by_address_.emplace(key, std::move(added));
}

void ReplyConsumers::remove(ChannelPort& channel) {
    if (ReplyConsumer* removed = std::exchange(channel.reply_consumer, nullptr)) {
        by_address_.erase(by_address_.find(removed->address()));
    }
}

ReplyConsumer& ReplyConsumers::find(std::string_view address) {
    const auto found = by_address_.find(address);
    return found == by_address_.end() ? nobody_ : *found->second;
}

} // namespace broker
