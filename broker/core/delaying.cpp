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
