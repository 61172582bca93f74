#include "broker_model.hpp"

#include <algorithm>

namespace broker::model {

std::vector<std::string> Message::routing_keys() const {
    std::vector<std::string> keys{routing_key};
    keys.insert(keys.end(), cc.begin(), cc.end());
    return keys;
}

Exchange* Broker::find_exchange(const std::string& name) {
    const auto found =
        std::find_if(exchanges.begin(), exchanges.end(), [&](const Exchange& e) { return e.name == name; });
    return found == exchanges.end() ? nullptr : &*found;
}

Queue* Broker::find_queue(const std::string& name) {
    const auto found = std::find_if(queues.begin(), queues.end(), [&](const Queue& q) { return q.name == name; });
    return found == queues.end() ? nullptr : &*found;
}

// --- topology ---

void Broker::bind(const Binding& binding) {
    if (std::find(bindings.begin(), bindings.end(), binding) != bindings.end()) {
        return;
    }
    bindings.push_back(binding);
    const std::deque<MessagePtr> history = find_exchange(binding.source)->history;
    for (const MessagePtr& message : history) { // x-recent-history tells it to the newcomer
        if (binding.to == Binding::To::queue) {
            enqueue(*find_queue(binding.destination), message);
        } else {
            for (const std::string& queue : route(*find_exchange(binding.destination), message)) {
                enqueue(*find_queue(queue), message);
            }
        }
    }
    bury();
}

void Broker::unbind(const Binding& binding) {
    const auto found = std::find(bindings.begin(), bindings.end(), binding);
    if (found != bindings.end()) {
        remove_binding(static_cast<std::size_t>(found - bindings.begin()));
    }
}

// An auto-delete exchange goes with the last binding from it.
void Broker::remove_binding(std::size_t index) {
    const std::string source = bindings[index].source;
    bindings.erase(bindings.begin() + static_cast<std::ptrdiff_t>(index));
    const bool still_used =
        std::any_of(bindings.begin(), bindings.end(), [&](const Binding& b) { return b.source == source; });
    const Exchange* exchange = find_exchange(source);
    if (exchange != nullptr && exchange->auto_delete && !still_used) {
        delete_exchange(source);
    }
}

void Broker::delete_exchange(const std::string& name) {
    std::erase_if(exchanges, [&](const Exchange& e) { return e.name == name; });
    const auto touches = [&](const Binding& b) {
        return b.source == name || (b.to == Binding::To::exchange && b.destination == name);
    };
    for (auto next = bindings.end();
         (next = std::find_if(bindings.begin(), bindings.end(), touches)) != bindings.end();) {
        remove_binding(static_cast<std::size_t>(next - bindings.begin()));
    }
}

void Broker::delete_queue(const std::string& name) {
    std::erase_if(queues, [&](const Queue& q) { return q.name == name; });
    const auto touches = [&](const Binding& b) { return b.to == Binding::To::queue && b.destination == name; };
    for (auto next = bindings.end();
         (next = std::find_if(bindings.begin(), bindings.end(), touches)) != bindings.end();) {
        remove_binding(static_cast<std::size_t>(next - bindings.begin()));
    }
}

// --- messages in ---

Broker::Published Broker::publish(MessagePtr message) {
    const std::vector<std::string> reached = route(*find_exchange(message->exchange), message);
    Published published{.routed = !reached.empty(), .accepted = true};
    for (const std::string& queue : reached) {
        published.accepted = enqueue(*find_queue(queue), message) && published.accepted;
    }
    bury();
    return published;
}

// False: refused.
bool Broker::enqueue(Queue& queue, const MessagePtr& message) {
    if (queue.max_length && queue.overflow != "drop-head" && queue.ready.size() + 1 > *queue.max_length) {
        if (queue.overflow == "reject-publish-dlx") {
            dying_.push_back({queue.name, message, "maxlen"});
        }
        return false;
    }
    Entry entry{.position = queue.next_position++, .message = message};
    if (queue.ttl || message->expiration) {
        entry.expires_at = now_ms + std::min(queue.ttl.value_or(INT64_MAX), message->expiration.value_or(INT64_MAX));
    }
    if (entry.expires_at && *entry.expires_at <= now_ms) { // there is no consumer that could take it at once
        dying_.push_back({queue.name, message, "expired"});
        return true;
    }
    insert(queue, entry);
    drop_surplus(queue);
    return true;
}

// By priority, then by position.
void Broker::insert(Queue& queue, Entry entry) {
    const auto before = [&](const Entry& a, const Entry& b) {
        const int priority_a = std::min(a.message->priority, queue.max_priority);
        const int priority_b = std::min(b.message->priority, queue.max_priority);
        return priority_a != priority_b ? priority_a > priority_b : a.position < b.position;
    };
    queue.ready.insert(std::upper_bound(queue.ready.begin(), queue.ready.end(), entry, before), entry);
}

// The oldest of the lowest priority goes.
void Broker::drop_surplus(Queue& queue) {
    while (queue.max_length && queue.overflow == "drop-head" && queue.ready.size() > *queue.max_length) {
        const auto level = [&](const Entry& entry) { return std::min(entry.message->priority, queue.max_priority); };
        const auto lowest = std::min_element(queue.ready.begin(), queue.ready.end(),
                                             [&](const Entry& a, const Entry& b) { return level(a) < level(b); });
        dying_.push_back({queue.name, lowest->message, "maxlen"});
        queue.ready.erase(lowest);
    }
}

// --- messages out ---

std::optional<Entry> Broker::get(const std::string& name, bool no_ack) {
    Queue& queue = *find_queue(name);
    if (queue.ready.empty()) {
        return std::nullopt;
    }
    const Entry entry = queue.ready.front();
    queue.ready.erase(queue.ready.begin());
    if (!no_ack) {
        queue.unacked.push_back(entry);
    }
    return entry;
}

Entry Broker::take_unacked(Queue& queue, const std::string& body) {
    const auto found = std::find_if(queue.unacked.begin(), queue.unacked.end(),
                                    [&](const Entry& entry) { return entry.message->body == body; });
    const Entry entry = *found;
    queue.unacked.erase(found);
    return entry;
}

void Broker::ack(const std::string& queue, const std::string& body) {
    take_unacked(*find_queue(queue), body);
}

void Broker::reject(const std::string& queue, const std::string& body) {
    dying_.push_back({queue, take_unacked(*find_queue(queue), body).message, "rejected"});
    bury();
}

void Broker::requeue(const std::string& queue, const std::string& body) {
    put_back(*find_queue(queue), take_unacked(*find_queue(queue), body));
    bury();
}

void Broker::recover(const std::string& name) {
    Queue& queue = *find_queue(name);
    for (const Entry& entry : std::exchange(queue.unacked, {})) {
        put_back(queue, entry);
    }
    bury();
}

void Broker::put_back(Queue& queue, Entry entry) {
    entry.redelivered = true;
    ++entry.failed_deliveries;
    if (queue.delivery_limit && entry.failed_deliveries > *queue.delivery_limit) {
        dying_.push_back({queue.name, entry.message, "delivery_limit"});
    } else if (entry.expires_at && *entry.expires_at <= now_ms) {
        dying_.push_back({queue.name, entry.message, "expired"});
    } else {
        insert(queue, entry);
    }
    drop_surplus(queue);
}

// --- death ---

void Broker::pass(std::int64_t ms) {
    for (const std::int64_t end = now_ms + ms; now_ms < end;) {
        ++now_ms;
        expire();
        bury();
    }
}

// Wherever they stand in the queue; RabbitMQ only looks at the head.
void Broker::expire() {
    const auto is_due = [&](const Entry& entry) { return entry.expires_at && *entry.expires_at <= now_ms; };
    std::vector<Queue*> concerned;
    for (Queue& queue : queues) {
        if (std::any_of(queue.ready.begin(), queue.ready.end(), is_due)) {
            concerned.push_back(&queue);
        }
    }
    choices.reorder(concerned);
    for (Queue* queue : concerned) {
        std::vector<Entry> due;
        std::copy_if(queue->ready.begin(), queue->ready.end(), std::back_inserter(due), is_due);
        std::erase_if(queue->ready, is_due);
        std::sort(due.begin(), due.end(), [](const Entry& a, const Entry& b) { return a.position < b.position; });
        for (const Entry& entry : due) {
            dying_.push_back({queue->name, entry.message, "expired"});
        }
    }
}

void Broker::bury() {
    while (!dying_.empty()) {
        const Dying first = dying_.front();
        dying_.pop_front();
        bury(first);
    }
}

void Broker::bury(const Dying& dying) {
    const Queue& from = *find_queue(dying.queue);
    Exchange* exchange = from.dead_letter_exchange ? find_exchange(*from.dead_letter_exchange) : nullptr;
    if (exchange == nullptr) {
        return;
    }
    auto letter = std::make_shared<Message>(*dying.message);
    const auto same = std::find_if(letter->deaths.begin(), letter->deaths.end(), [&](const Death& death) {
        return death.queue == dying.queue && death.reason == dying.reason;
    });
    if (same == letter->deaths.end()) {
        letter->deaths.insert(letter->deaths.begin(), {dying.queue, dying.reason, letter->exchange,
                                                       letter->routing_keys(), letter->expiration, now_ms / 1000, 1});
    } else {
        ++same->count;
        std::rotate(letter->deaths.begin(), same, same + 1);
    }
    letter->last_death = {letter->exchange, dying.queue, dying.reason};
    letter->first_death = letter->first_death ? letter->first_death : letter->last_death;
    letter->exchange = exchange->name;
    letter->expiration.reset();
    if (from.dead_letter_routing_key) {
        letter->routing_key = *from.dead_letter_routing_key;
        letter->cc.clear();
    }

    // A message does not come back to where it died, unless a consumer has rejected it since.
    std::vector<std::string> closed;
    for (const Death& death : letter->deaths) {
        if (death.reason == "rejected") {
            break;
        }
        closed.push_back(death.queue);
    }
    for (const std::string& queue : route(*exchange, letter)) {
        if (std::find(closed.begin(), closed.end(), queue) == closed.end()) {
            enqueue(*find_queue(queue), letter);
        }
    }
}

} // namespace broker::model
