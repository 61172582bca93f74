// VirtualHost: messages that wait in x-delayed-message exchanges. A message that is due leaves the exchange's queue in
// the store and arrives where it is routed to in one commit, so that a crash neither loses nor doubles it.
#include "broker/core/delay.hpp"
#include "broker/core/virtual_host.hpp"

#include <utility>

namespace broker {

bool VirtualHost::delay(Exchange& exchange, const amqp::MessagePtr& waiting, std::int64_t due_ms) {
    DelayedMessages& messages = exchange.parts.delayed->messages;
    const bool survives = exchange.definition().durable && waiting->persistent();
    if (survives || !messages.add_in_memory(due_ms, waiting)) {
        const storage::Sequence sequence = messages.add_stored(due_ms);
        commits_.batch().append(messages.queue(), {sequence, environment_.clock.now_ms(), due_ms, 0, false, waiting});
    }
    schedule(exchange);
    return survives;
}

void VirtualHost::schedule(Exchange& exchange) {
    if (const auto due = exchange.parts.delayed->messages.next_due()) {
        timers_.wake(*exchange.parts.delayed, *due);
    }
}

void VirtualHost::release_due(Exchange& exchange) {
    if (exchange.parts.delayed->messages.begin(environment_.clock.now_ms())) {
        continue_release(exchange);
    } else {
        schedule(exchange);
    }
}

void VirtualHost::continue_release(Exchange& exchange) {
    DelayedMessages& messages = exchange.parts.delayed->messages;
    if (messages.next_read()) {
        delayed_reads_.push_back(messages.queue());
        return;
    }
    for (DelayedMessages::Due& due : messages.finish()) {
        if (due.sequence != 0) {
            commits_.batch().settle(messages.queue(), due.sequence);
        }
        const Waited waited = after_waiting(std::move(due.message));
        publish_from(exchange, waited.message, waited.extra_keys.empty() ? nullptr : &waited.extra_keys);
    }
    schedule(exchange);
}

void VirtualHost::read_delayed(storage::QueueId queue) {
    Exchange* exchange = find_by_kept_queue(queue);
    const auto wanted = exchange != nullptr ? exchange->parts.delayed->messages.next_read() : std::nullopt;
    if (!wanted) {
        return; // deleted meanwhile
    }
    commits_.store().read(queue, wanted->from, wanted->max_messages, DelayedMessages::read_bytes,
                          [this, queue](storage::Store::Page page) {
                              strand_.submit_elsewhere(Strand::work([this, queue, page = std::move(page)]() mutable {
                                  on_delayed_page(queue, std::move(page));
                              }));
                          });
}

void VirtualHost::on_delayed_page(storage::QueueId queue, storage::Store::Page page) {
    if (Exchange* exchange = find_by_kept_queue(queue)) {
        exchange->parts.delayed->messages.on_page(std::move(page));
        continue_release(*exchange);
    }
}

// --- administration
// -----------------------------------------------------------------------------------------------------

DelayedMessages* VirtualHost::find_delayed(std::string_view exchange_name) {
    Exchange* exchange = find_exchange(exchange_name);
    return exchange != nullptr && exchange->parts.delayed ? &exchange->parts.delayed->messages : nullptr;
}

const DelayedMessages* VirtualHost::delayed_messages(std::string_view exchange_name) {
    return find_delayed(exchange_name);
}

void VirtualHost::read_waiting(std::string_view exchange_name, storage::Sequence id,
                               std::function<void(amqp::MessagePtr)> done) {
    const DelayedMessages* messages = find_delayed(exchange_name);
    if (messages == nullptr) {
        return done(nullptr);
    }
    if (!DelayedMessages::is_stored(id)) {
        amqp::MessagePtr message = messages->find_in_memory(id);
        return done(message != nullptr ? after_waiting(std::move(message)).message : nullptr);
    }
    commits_.store().read(messages->queue(), id, 1, DelayedMessages::read_bytes,
                          [id, done = std::move(done)](storage::Store::Page page) {
                              const bool found = !page.messages.empty() && page.messages.front().sequence == id;
                              done(found ? after_waiting(std::move(page.messages.front().message)).message : nullptr);
                          });
}

void VirtualHost::cancel_waiting(std::string_view exchange_name, storage::Sequence id, std::function<void(bool)> done) {
    DelayedMessages* messages = find_delayed(exchange_name);
    if (messages == nullptr || !messages->cancel(id)) {
        return done(false);
    }
    if (!DelayedMessages::is_stored(id)) {
        return done(true);
    }
    commits_.batch().settle(messages->queue(), id);
    commits_.when_durable([done = std::move(done)] { done(true); });
}

// It leaves as what is due leaves; until then, over a crash, it keeps the time that it had.
bool VirtualHost::fire_waiting(std::string_view exchange_name, storage::Sequence id) {
    DelayedMessages* messages = find_delayed(exchange_name);
    if (messages == nullptr || !messages->hasten(id, environment_.clock.now_ms())) {
        return false;
    }
    schedule(*find_exchange(exchange_name));
    return true;
}

// --- after a restart
// --------------------------------------------------------------------------------------------------

void VirtualHost::scan_delayed(Exchange& exchange) {
    constexpr std::size_t page_messages = 4'096;
    constexpr std::size_t page_bytes = 4 << 20;
    schedule(exchange);
    const storage::QueueId queue = exchange.parts.kept_queue;
    if (const auto from = exchange.parts.delayed->messages.scan_from()) {
        commits_.store().read(queue, *from, page_messages, page_bytes, [this, queue](storage::Store::Page page) {
            strand_.submit_elsewhere(
                Strand::work([this, queue, page = std::move(page)] { on_scanned_page(queue, page); }));
        });
    }
}

void VirtualHost::on_scanned_page(storage::QueueId queue, const storage::Store::Page& page) {
    if (Exchange* exchange = find_by_kept_queue(queue)) {
        exchange->parts.delayed->messages.on_scanned(page);
        scan_delayed(*exchange);
    }
}

} // namespace broker
