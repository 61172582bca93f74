// Queue: what is only in the store, and how it comes back, page by page.
#include "broker/core/queue.hpp"

#include <algorithm>
#include <utility>

namespace broker {

void Queue::page_out(const ReadyMessage& message) {
    paged_out_ = true;
    store(message);
    keep_on_disk(message.sequence, message.message->body_size());
}

void Queue::keep_on_disk(storage::Sequence sequence, std::uint64_t body_size) {
    if (disk_.messages == 0) {
        disk_.next = sequence;
    }
    ++disk_.messages;
    disk_.body_bytes += body_size;
    if (disk_.reading) {
        ++disk_.added;
        disk_.bytes_added += body_size;
    }
}

void Queue::request_page() {
    if (!disk_.reading && disk_.messages > 0) {
        disk_.reading = true;
        disk_.added_from = next_sequence_;
        disk_.added = 0;
        disk_.bytes_added = 0;
        host_.request_page(*this);
    }
}

void Queue::recover(const storage::QueueState& state) {
    disk_.next = state.head;
    disk_.messages = state.messages;
    disk_.body_bytes = state.body_bytes;
    next_sequence_ = std::max(next_sequence_, state.last + 1);
    delivered_mark_ = state.delivered_up_to;
    if (options_.message_ttl_ms || known_) {
        request_page(); // what is first tells when the first one expires
    }
}

void Queue::on_page(storage::Store::Page page) {
    disk_.reading = false;
    const auto withdrawn = std::exchange(disk_.not_in_page, {});
    if (disk_.messages == 0) {
        return; // purged meanwhile
    }
    for (storage::StoredMessage& stored_message : page.messages) {
        if (stored_message.sequence < disk_.next) {
            continue; // read before a purge
        }
        const std::uint64_t body_size = stored_message.message->body_size();
        disk_.next = stored_message.sequence + 1;
        if (!withdrawn.empty() && withdrawn.contains(stored_message.sequence)) {
            continue; // read before that
        }
        disk_.messages -= std::min<std::uint64_t>(disk_.messages, 1);
        disk_.body_bytes -= std::min(disk_.body_bytes, body_size);
        if (stored_message.sequence >= disk_.added_from) {
            --disk_.added;
            disk_.bytes_added -= body_size;
        }
        if (is_left_over(stored_message)) {
            host_.commits().batch().settle(definition_.id, stored_message.sequence);
            continue;
        }
        ReadyMessage message{stored_message.sequence, std::move(stored_message.message), stored_message.expires_at_ms,
                             stored_message.delivery_count, stored_message.redelivered};
        if (has_expired(message)) {
            let_die(std::move(message), DeathReason::expired);
        } else {
            if (const auto key = known_ ? QueueDeduplication::key_of(*message.message) : std::nullopt) {
                known_->add(*key, message.sequence);
            }
            put_in_list(std::move(message), false);
        }
    }
    if (page.end || !page.ok) {
        disk_.next = std::max(disk_.next, disk_.added_from); // past what could not be read
        disk_.messages = disk_.added;
        disk_.body_bytes = disk_.bytes_added;
    }
    enforce_limit();
    if (list_.empty()) {
        request_page(); // all of them had expired or were too many
    }
    pump();
}

} // namespace broker
