#include "broker/core/queue.hpp"

#include "broker/core/connection_port.hpp"
#include "protocol/assert.hpp"

#include <algorithm>
#include <utility>

namespace broker {

Queue::Queue(Definition definition, QueueHost& host)
    : Destination(Kind::queue, definition.name),
      host_(host),
      next_sequence_(definition.first_sequence),
      list_(definition.options.max_priority),
      limit_(definition.options),
      definition_(std::move(definition)),
      options_(definition_.options) {
    consumers_.set_single_active(options_.single_active_consumer);
    if (options_.deduplication) {
        known_ = std::make_unique<QueueDeduplication>();
    }
    last_active_ms_ = host_.clock().now_ms();
    note_use();
}

// --- messages in ----------------------------------------------------------------------------------------------------

std::int64_t Queue::time_to_live(const amqp::Message& message) const {
    const std::int64_t own = message.expiration_ms();
    const std::int64_t queues = options_.message_ttl_ms.value_or(own);
    return own == amqp::Message::no_expiration ? queues : std::min(own, queues);
}

Queue::Accepted Queue::publish(amqp::MessagePtr message) {
    if (limit_.set() && limit_.refuses(ready() + 1, ready_bytes() + message->body_size())) [[unlikely]] {
        return refuse(message);
    }
    const bool in_store = survives(*message);
    const Accepted accepted = in_store ? Accepted::with_appends : Accepted::now;
    const auto key = known_ ? QueueDeduplication::key_of(*message) : std::nullopt;
    if (key && known_->contains(*key)) {
        return in_store ? Accepted::with_commit : accepted; // the confirm waits for the one that is here
    }
    count(&QueueStatistics::published, &QueueCounts<Counter>::published);
    note_activity();
    const std::int64_t expires_at_ms = expiry_of(*message);
    ReadyMessage ready{next_sequence_++, std::move(message), expires_at_ms, 0, false};
    if (list_.empty() && disk_.messages == 0) {
        if (Consumer* consumer = consumers_.next()) {
            // Straight through. What is delivered without acknowledgement needs no place in the store.
            const bool settled = consumer->options().no_ack;
            if (key && !settled) {
                known_->add(*key, ready.sequence);
            }
            if (in_store && !settled) {
                store(ready);
            }
            deliver(*consumer, std::move(ready));
            return settled ? Accepted::now : accepted;
        }
    }
    if (in_store) {
        store(ready);
    }
    if (has_expired(ready)) { // [x-message-ttl] 0, and nobody to take it at once
        let_die(std::move(ready), DeathReason::expired);
        return accepted;
    }
    if (key) {
        known_->add(*key, ready.sequence);
    }
    const bool has_room = has_room_in_memory();
    if (in_store && (disk_.messages > 0 || !has_room)) {
        keep_on_disk(ready.sequence, ready.message->body_size());
    } else if (!has_room && host_.memory_is_short()) {
        page_out(ready);
    } else {
        put_in_list(std::move(ready), true);
    }
    if (limit_.set()) {
        enforce_limit();
    }
    pump();
    return accepted;
}

void Queue::store(const ReadyMessage& message) {
    host_.commits().batch().append(definition_.id, {message.sequence, host_.clock().now_ms(), message.expires_at_ms,
                                                    message.delivery_count, message.redelivered, message.message});
}

bool Queue::has_room_in_memory() const {
    const std::uint64_t most = host_.memory_is_short() ? max_resident_bytes_when_short : max_resident_bytes;
    return list_.footprint() <= most || has_priorities();
}

void Queue::take_back(Return returned) {
    Consumer& consumer = *returned.consumer;
    for (Unacked& unacked : returned.deliveries) {
        const amqp::Message& message = *unacked.message;
        --unacked_;
        unacked_bytes_ -= message.body_size();
        --consumer.strand.unacked;
        if (consumer.strand.channel != nullptr) {
            --consumer.strand.channel->global_unacked;
        }
        ReadyMessage back{unacked.sequence, std::move(unacked.message), unacked.expires_at_ms, unacked.delivery_count,
                          true};
        if (deleted_) {
            continue;
        }
        if (returned.how == Return::How::discard) {
            let_die(std::move(back), DeathReason::rejected);
        } else if (exceeds_delivery_limit(++back.delivery_count)) {
            let_die(std::move(back), DeathReason::delivery_limit);
        } else if (has_expired(back)) {
            let_die(std::move(back), DeathReason::expired);
        } else {
            if (may_be_stored(*back.message)) {
                host_.commits().batch().redeliver(definition_.id, back.sequence, back.delivery_count);
            }
            put_in_list(std::move(back), false);
        }
    }
    enforce_limit();
    on_room(consumer);
    pump();
}

// --- messages out ---------------------------------------------------------------------------------------------------

bool Queue::front_is_next() const {
    if (disk_.messages == 0) {
        return !list_.empty();
    }
    // By priority anything on disk might come first; such queues leave the disk as soon as they are recovered.
    return !has_priorities() && !list_.empty() && list_.front().sequence < disk_.next;
}

bool Queue::prepare_front() {
    while (front_is_next()) {
        if (!has_expired(list_.front())) {
            return true;
        }
        let_die(list_.pop_front(), DeathReason::expired);
    }
    request_page();
    return false;
}

void Queue::drop(const ReadyMessage& message) {
    forget(message.sequence);
    if (may_be_stored(*message.message)) {
        host_.commits().batch().settle(definition_.id, message.sequence);
    }
}

ReadyMessage Queue::take_front(const Consumer& consumer) {
    ReadyMessage message = list_.pop_front();
    if (consumer.options().no_ack) {
        drop(message); // nobody will acknowledge it
    }
    return message;
}

void Queue::pump() {
    while ((disk_.messages > 0 || (!list_.empty() && !consumers_.exhausted())) && prepare_front()) {
        Consumer* consumer = consumers_.next();
        if (consumer == nullptr) {
            break;
        }
        deliver(*consumer, take_front(*consumer));
        if (list_.size() == page_messages / 2) {
            request_page(); // read ahead
        }
    }
    note_waiting();
    if (!slowed_publishers.empty() && list_.size() < relief_messages && list_.footprint() < relief_bytes &&
        !starved()) {
        host_.resume_publishers(*this);
    }
}

void Queue::count_out(Consumer& consumer, const ReadyMessage& message) {
    if (host_.tracing) [[unlikely]] {
        host_.trace_delivery(*this, *consumer.strand.channel, *message.message, message.redelivered);
    }
    if (message.redelivered) {
        count(&QueueStatistics::redelivered, &QueueCounts<Counter>::redelivered);
    }
    if (consumer.options().no_ack) {
        return;
    }
    ++unacked_;
    unacked_bytes_ += message.message->body_size();
    ++consumer.strand.unacked;
    ++consumer.strand.channel->global_unacked;
    if (survives(*message.message) && message.sequence > delivered_mark_) {
        delivered_mark_ = message.sequence;
        host_.note_delivered(*this);
    }
}

void Queue::deliver(Consumer& consumer, ReadyMessage&& message) {
    if (consumer.options().no_ack) {
        count(&QueueStatistics::delivered_no_ack, &QueueCounts<Counter>::delivered_no_ack);
    } else {
        count(&QueueStatistics::delivered, &QueueCounts<Counter>::delivered);
    }
    if (const std::uint64_t hold = host_.hold(); last_delivery_hold_ != hold) {
        last_delivery_hold_ = hold;
        last_active_ms_ = host_.clock().now_ms();
    }
    count_out(consumer, message);
    ConnectionPort& connection = consumer.strand.channel->connection;
    connection.count_sent(ConnectionPort::weight(*message.message));
    connection.emit(Deliver{&consumer, std::move(message.message), message.sequence, message.expires_at_ms,
                            message.delivery_count, message.redelivered});
}

Queue::Get Queue::get(const ConsumerPtr& consumer, Got& got) {
    note_use();
    note_activity();
    if (!prepare_front()) {
        if (disk_.messages > 0) {
            return Get::wait;
        }
        count(&QueueStatistics::get_empty, &QueueCounts<Counter>::get_empty);
        return Get::empty;
    }
    if (consumer->options().no_ack) {
        count(&QueueStatistics::got_no_ack, &QueueCounts<Counter>::got_no_ack);
    } else {
        count(&QueueStatistics::got, &QueueCounts<Counter>::got);
    }
    consumer->tells_delivery_count = is_quorum();
    set_timeout(*consumer);
    consumer->strand.queue = shared_from_this();
    got.message = take_front(*consumer);
    count_out(*consumer, got.message);
    got.messages_left = ready();
    return Get::got;
}

void Queue::settle(Consumer& consumer, storage::Sequence first, std::uint32_t count, std::uint64_t body_bytes) {
    unacked_ -= count;
    unacked_bytes_ -= body_bytes;
    this->count(&QueueStatistics::acknowledged, &QueueCounts<Counter>::acknowledged, count);
    note_activity();
    consumer.strand.unacked -= count;
    if (consumer.strand.channel != nullptr) {
        consumer.strand.channel->global_unacked -= count;
    }
    if (may_be_stored()) {
        host_.commits().batch().settle(definition_.id, first, count);
    }
    forget(first, count);
    on_room(consumer);
}

void Queue::on_room(Consumer& consumer) {
    const ChannelPort* channel = consumer.strand.channel;
    if (channel != nullptr && channel->global_prefetch != 0) { // shared room: any consumer of the channel may take it
        for (Consumer* each : channel->consumers) {
            each->strand.queue->unblock(*each);
        }
        for (Consumer* each : channel->consumers) {
            each->strand.queue->pump();
        }
    } else if (consumer.strand.blocked || consumers_.active() == &consumer) {
        unblock(consumer);
        pump();
    }
}

// --- consumers ------------------------------------------------------------------------------------------------------

bool Queue::may_consume(bool exclusive) const {
    if (is_quorum()) {
        return true; // there the flag is kept, not enforced [3.2]
    }
    return exclusive_consumer_ == nullptr && !(exclusive && (options_.single_active_consumer || !consumers_.empty()));
}

void Queue::set_timeout(Consumer& consumer) const {
    const auto& own = consumer.options().timeout_ms;
    const auto& timeout_ms = own ? own : options_.consumer_timeout_ms;
    consumer.timeout_ms.store(timeout_ms.value_or(Consumer::nodes_timeout), std::memory_order_relaxed);
}

void Queue::add_consumer(ConsumerPtr consumer) {
    consumer->strand.queue = shared_from_this();
    consumer->tells_delivery_count = is_quorum();
    set_timeout(*consumer);
    if (consumer->options().exclusive) {
        exclusive_consumer_ = consumer.get();
    }
    consumers_.add(std::move(consumer));
}

bool Queue::remove_consumer(Consumer& consumer) {
    if (exclusive_consumer_ == &consumer) {
        exclusive_consumer_ = nullptr;
    }
    consumers_.remove(consumer);
    note_use();
    return definition_.auto_delete && consumers_.empty();
}

void Queue::unblock(Consumer& consumer) {
    if (consumer.strand.blocked && ConsumerSet::has_room(consumer)) {
        consumers_.unblock(consumer);
    }
}

} // namespace broker
