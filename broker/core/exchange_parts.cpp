// VirtualHost: what exchanges of some types do with a message before it is routed: delay it, drop it as a duplicate,
// remember it for later bindings.
#include "broker/core/delay.hpp"
#include "broker/core/exchange_type.hpp"
#include "broker/core/virtual_host.hpp"

#include <cstring>
#include <utility>

namespace broker {
namespace {

// An entry of a deduplication cache as the store keeps it: a message without content, its key in place of the routing
// key.
amqp::MessagePtr stored_form(DeduplicationCache::Key key) {
    char octets[sizeof(key.high) + sizeof(key.low)];
    std::memcpy(octets, &key.high, sizeof(key.high));
    std::memcpy(octets + sizeof(key.high), &key.low, sizeof(key.low));
    constexpr std::string_view no_properties("\0\0", 2);
    return amqp::Message::make({}, {octets, sizeof(octets)}, no_properties, {});
}

} // namespace

void VirtualHost::add_parts(Exchange& exchange, storage::QueueId kept_queue) {
    const Exchange::Definition& definition = exchange.definition();
    const std::string_view type = routing_type(definition.type, definition.arguments);
    Exchange::Parts& parts = exchange.parts;
    const auto keep = [&] {
        parts.kept_queue = kept_queue != 0 ? kept_queue : next_queue_id(true);
        parts.next_kept_sequence = storage::first_sequence(environment_.store.epoch());
        by_kept_queue_[parts.kept_queue] = &exchange;
    };
    if (definition.type == delayed_type) {
        keep();
        parts.delayed = std::make_unique<DelayedPart>(parts.kept_queue, parts.next_kept_sequence, delayed_memory_,
                                                      [this, &exchange] { release_due(exchange); });
    }
    if (type == DeduplicationCache::type) {
        parts.seen = std::make_unique<DeduplicationCache>(definition.arguments);
        // Inside an x-delayed-message the queue in the store is taken; the cache is in memory then.
        if (definition.durable && parts.seen->on_disk() && !parts.delayed) {
            keep();
        }
    }
    if (type == RecentHistory::type) {
        parts.history = std::make_unique<RecentHistory>(definition.arguments, history_memory_);
    }
}

void VirtualHost::remove_parts(Exchange& exchange) {
    if (exchange.parts.delayed) {
        timers_.forget(*exchange.parts.delayed);
    }
    if (exchange.parts.kept_queue != 0) {
        commits_.batch().remove_queue(exchange.parts.kept_queue);
        by_kept_queue_.erase(exchange.parts.kept_queue);
    }
}

void VirtualHost::recover_parts(Exchange& exchange, const storage::QueueState& state) {
    exchange.parts.next_kept_sequence = std::max(exchange.parts.next_kept_sequence, state.last + 1);
    if (exchange.parts.delayed) {
        exchange.parts.delayed->messages.recover(state);
    } else {
        load_duplicates(exchange, state);
    }
}

Exchange* VirtualHost::find_by_kept_queue(storage::QueueId queue) {
    const auto found = by_kept_queue_.find(queue);
    return found == by_kept_queue_.end() ? nullptr : found->second;
}

amqp::Result<VirtualHost::Taken> VirtualHost::offer_to_parts(Exchange& exchange, const amqp::MessagePtr& message,
                                                             MessageContent& content, const ExtraKeys* extra_keys,
                                                             Routed& routed) {
    const Exchange::Parts& parts = exchange.parts;
    if (parts.delayed) {
        const auto wanted = delay_of(content.header(delay_header));
        if (wanted.has_error()) {
            return wanted.error();
        }
        if (*wanted) {
            const std::int64_t due_ms = environment_.clock.now_ms() + (*wanted)->ms;
            routed.delayed = true;
            routed.wait_for_commit |= delay(exchange, waiting_message(*message, **wanted, extra_keys), due_ms);
            return Taken::delayed;
        }
    }
    if (parts.seen) {
        const amqp::FieldValue* value = content.header(DeduplicationCache::header);
        if (value != nullptr && is_duplicate(exchange, *value, content, routed)) {
            routed.wait_for_commit |= message->persistent(); // the one that passed may not be on disk yet
            return Taken::duplicate;
        }
    }
    if (parts.history) {
        const amqp::FieldValue* no_store = content.header(RecentHistory::no_store_header);
        if (no_store == nullptr || *no_store != amqp::FieldValue(true)) {
            parts.history->add(message, extra_keys != nullptr ? *extra_keys : ExtraKeys());
        }
    }
    return Taken::no;
}

// --- deduplication
// ----------------------------------------------------------------------------------------------------

// Remembers it if it is none.
bool VirtualHost::is_duplicate(Exchange& exchange, const amqp::FieldValue& value, MessageContent& content,
                               Routed& routed) {
    Exchange::Parts& parts = exchange.parts;
    const std::int64_t now = environment_.clock.now_ms();
    const DeduplicationCache::Key key = DeduplicationCache::key_of(value);
    if (parts.seen->contains(key, now)) {
        return true;
    }
    DeduplicationCache::Entry& entry = parts.seen->add(key, now, content.header(DeduplicationCache::ttl_header));
    if (parts.kept_queue != 0 && !parts.delayed) {
        entry.sequence = parts.next_kept_sequence++;
        commits_.batch().append(parts.kept_queue,
                                {entry.sequence, now, entry.expires_at_ms, 0, false, stored_form(key)});
        routed.wait_for_commit = true;
    }
    forget_duplicates(exchange);
    return false;
}

void VirtualHost::forget_duplicates(Exchange& exchange) {
    while (const auto forgotten = exchange.parts.seen->forget_one(environment_.clock.now_ms())) {
        if (forgotten->sequence != 0) {
            commits_.batch().settle(exchange.parts.kept_queue, forgotten->sequence);
        }
    }
}

// --- recent history
// ---------------------------------------------------------------------------------------------------

void VirtualHost::replay_history(Exchange& source, Destination& destination) {
    const auto history = source.parts.history->messages(); // a copy: it may come back to the source
    for (const auto& [message, extra_keys] : history) {
        if (destination.kind() == Destination::Kind::queue) {
            static_cast<Queue&>(destination).publish(message);
        } else {
            publish_from(static_cast<Exchange&>(destination), message, extra_keys.empty() ? nullptr : &extra_keys);
        }
    }
}

} // namespace broker
