// Queue: how messages leave that nobody took: too old, too many, rejected, purged; and how the queue itself does
// [x-expires]. No more than a bounded number leaves in one hold of the strand.
#include "broker/core/connection_port.hpp"
#include "broker/core/effective_policy.hpp"
#include "broker/core/queue.hpp"

#include <algorithm>
#include <utility>

namespace broker {

void Queue::apply(AppliedPolicies policies) {
    policies_ = std::move(policies);
    QueueOptions options = effective_options(definition_.options, policies_);
    const std::optional<std::int64_t> old_ttl = std::exchange(options_, std::move(options)).message_ttl_ms;
    limit_ = LengthLimit(options_);
    if (options_.message_ttl_ms && options_.message_ttl_ms != old_ttl) {
        shorten_expiries(host_.clock().now_ms() + *options_.message_ttl_ms);
    }
    consumers_.for_each([&](Consumer& consumer) { set_timeout(consumer); });
    note_use();
    enforce_limit();
    pump();
}

void Queue::shorten_expiries(std::int64_t latest_ms) {
    expiries_.clear();
    list_.expire_by(latest_ms);
    list_.for_each([&](const ReadyMessage& message) { expiries_.add(message); });
    wake_for_next_departure();
}

bool Queue::exceeds_delivery_limit(std::uint32_t delivery_count) const {
    const std::int64_t limit = options_.delivery_limit.value_or(is_quorum() ? default_delivery_limit : -1);
    return limit >= 0 && delivery_count > limit;
}

void Queue::let_die(ReadyMessage message, DeathReason reason) {
    forget(message.sequence);
    if (!options_.dead_letter_exchange) {
        drop(message);
        return;
    }
    host_.dead_letter(*this, std::move(message), reason);
}

void Queue::remove_dead(const ReadyMessage& message) {
    if (message.sequence != 0 && !deleted_) {
        forget(message.sequence);
        if (may_be_stored(*message.message)) {
            host_.commits().batch().settle_moved(definition_.id, message.sequence);
        }
    }
}

Queue::Accepted Queue::refuse(const amqp::MessagePtr& message) {
    if (limit_.dead_letters_what_it_refuses() && options_.dead_letter_exchange) {
        ReadyMessage refused;
        refused.message = message;
        host_.dead_letter(*this, std::move(refused), DeathReason::maxlen);
    }
    return Accepted::refused;
}

void Queue::put_in_list(ReadyMessage message, bool newest) {
    if (message.expires_at_ms != storage::StoredMessage::no_expiry) {
        expiries_.add(message);
        expiries_.sweep(list_);
        host_.timers().wake(*this, message.expires_at_ms);
    }
    newest ? list_.push_back(std::move(message)) : list_.put_back(std::move(message));
}

// Drops from the head, which is where the oldest of the lowest priority is. It may have to be read first: then on_page
// goes on.
void Queue::enforce_limit() {
    for (unsigned dropped = 0; limit_.must_drop(ready(), ready_bytes()); ++dropped) {
        if (!front_is_next()) {
            request_page();
            return;
        }
        if (dropped == departures_per_hold) {
            host_.timers().wake(*this, host_.clock().now_ms());
            return;
        }
        let_die(list_.pop_lowest(), DeathReason::maxlen);
    }
}

void Queue::expire(std::int64_t now_ms) {
    for (unsigned i = 0; i < departures_per_hold && !expiries_.empty() && expiries_.first().at_ms <= now_ms; ++i) {
        const ExpiryIndex::Entry due = expiries_.pop();
        if (auto message = list_.take(due.sequence, due.priority)) {
            let_die(std::move(*message), DeathReason::expired);
        }
    }
    if (list_.expiring() == 0) {
        expiries_.clear();
    }
    if (list_.empty()) {
        request_page(); // what comes next may have expired, too
    }
}

void Queue::note_use() {
    if (options_.expires_ms) {
        last_use_ms_ = host_.clock().now_ms();
        host_.timers().wake(*this, last_use_ms_ + *options_.expires_ms);
    }
}

void Queue::on_time(std::int64_t now_ms) {
    if (options_.expires_ms && consumers_.empty() && last_use_ms_ + *options_.expires_ms <= now_ms) {
        host_.delete_unused(*this);
        return;
    }
    expire(now_ms);
    enforce_limit();
    wake_for_next_departure();
    pump();
}

void Queue::wake_for_next_departure() {
    if (!expiries_.empty()) {
        host_.timers().wake(*this, expiries_.first().at_ms);
    }
    if (options_.expires_ms && consumers_.empty()) {
        host_.timers().wake(*this, last_use_ms_ + *options_.expires_ms);
    }
}

std::uint64_t Queue::purge() {
    const std::uint64_t purged = ready();
    if (may_be_stored()) {
        storage::Batch& batch = host_.commits().batch();
        list_.for_each([&](const ReadyMessage& message) {
            if (may_be_stored(*message.message)) {
                batch.settle(definition_.id, message.sequence);
            }
        });
        if (disk_.messages > 0) {
            batch.settle(definition_.id, disk_.next, next_sequence_ - disk_.next);
        }
    }
    if (known_) {
        list_.for_each([&](const ReadyMessage& message) { forget(message.sequence); });
        if (disk_.messages > 0) {
            forget(disk_.next, next_sequence_ - disk_.next);
        }
    }
    clear();
    return purged;
}

void Queue::clear() {
    host_.free_soon(std::exchange(list_, ReadyList(definition_.options.max_priority)));
    expiries_.clear();
    disk_.messages = 0;
    disk_.body_bytes = 0;
    disk_.next = next_sequence_;
    disk_.added_from = next_sequence_;
    disk_.added = 0;
    disk_.bytes_added = 0;
}

void Queue::clear_for_deletion() {
    clear();
    deleted_ = true;
    host_.timers().forget(*this);
}

} // namespace broker
