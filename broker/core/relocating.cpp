// VirtualHost: messages that administration looks at, and takes, moves or copies. What moves leaves its queue and
// arrives in the same commit, as a dead letter does, so that a crash finds it once, or, if a consumer had it already,
// twice.
#include "broker/core/virtual_host.hpp"

#include <algorithm>
#include <utility>

namespace broker {

void VirtualHost::browse(std::string_view queue_name, Place after, std::size_t max,
                         std::function<void(BrowsedSlice)> done) {
    Queue* found = find_queue(queue_name);
    if (found == nullptr) {
        return done({});
    }
    if (found->exclusive()) {
        BrowsedSlice locked;
        locked.queue = found->definition().id;
        locked.exclusive = true;
        return done(std::move(locked));
    }
    BrowsedSlice slice = found->browse(after, max);
    if (!slice.read_from) {
        return done(std::move(slice));
    }
    commits_.flush(); // so that it sees what has happened up to now
    const storage::Sequence from = *slice.read_from;
    commits_.store().read(found->definition().id, from, std::min(max, Queue::page_messages), Queue::page_bytes,
                          [this, queue = found->shared_from_this(), slice = std::move(slice), max,
                           done = std::move(done)](storage::Store::Page page) {
                              auto complete = [queue, slice, max, done, page = std::move(page)]() mutable {
                                  queue->add_page(slice, std::move(page), max);
                                  done(std::move(slice));
                              };
                              strand_.submit_elsewhere(Strand::work(std::move(complete)));
                          });
}

Relocated VirtualHost::relocate(std::string_view queue_name, const Relocation& relocation) {
    Relocated result;
    result.revision = relocation.revision;
    Queue* found = find_queue(queue_name);
    if (found == nullptr || found->definition().id != relocation.queue) {
        return result; // deleted meanwhile
    }
    const std::shared_ptr<Queue> queue = found->shared_from_this();
    if (queue->store_revision() != relocation.revision) {
        result.stale = true;
        return result;
    }
    for (const Relocation::Item& item : relocation.items) {
        if (queue->holds(item.seen)) {
            relocate(*queue, relocation.how, item, result);
        }
    }
    result.revision = queue->end_withdrawal();
    return result;
}

void VirtualHost::relocate(Queue& source, Relocation::How how, const Relocation::Item& item, Relocated& result) {
    std::vector<Queue*> queues;
    if (how != Relocation::How::remove) {
        const bool taken = find_queues(item, queues); // by somebody who is no queue
        if (queues.empty() && !taken) {
            ++result.unroutable;
            return;
        }
        if (std::ranges::any_of(queues, [&](const Queue* queue) { return queue->would_refuse(*item.leaving); })) {
            ++result.refused;
            return;
        }
    }
    if (how != Relocation::How::copy) {
        source.withdraw(item.seen);
    }
    for (Queue* queue : queues) {
        queue->publish(item.leaving);
    }
    if (how != Relocation::How::copy) {
        source.remove_dead(item.seen.ready);
    }
    ++result.done;
}

bool VirtualHost::find_queues(const Relocation::Item& item, std::vector<Queue*>& queues) {
    if (!item.queue.empty()) {
        if (Queue* queue = find_queue(item.queue)) {
            queues.push_back(queue);
        }
        return false;
    }
    Exchange* exchange = find_exchange(item.leaving->exchange());
    if (exchange == nullptr || exchange->definition().internal) {
        return false;
    }
    const Routed routed = match_exchange(*exchange, item.leaving, nullptr);
    if (routed.error) {
        return false;
    }
    const bool replied = collect_queues(item.leaving, queues);
    return replied || routed.delayed;
}

void VirtualHost::when_durable(std::function<void()> done) {
    commits_.when_durable(std::move(done));
}

// --- settings of a queue ---------------------------------------------------------------------------------------------

amqp::Result<ChangedArguments> VirtualHost::change_queue(std::string_view queue_name, const ArgumentChange& change,
                                                         std::string_view actor) {
    Queue* queue = find_queue(queue_name);
    if (queue == nullptr) {
        return queue_not_found(queue_name);
    }
    if (queue->exclusive()) {
        return exclusively_locked(*queue);
    }
    auto after = changed_arguments(queue->definition().arguments, change, queue_name, name());
    if (after.has_error()) {
        return after.error();
    }
    auto options = parse_queue_options(*after, queue_name, name());
    if (options.has_error()) {
        return options.error();
    }
    ChangedArguments changed{queue->definition().arguments, *after};
    if (auto done = queue->change(std::move(*after), std::move(*options)); done.has_error()) {
        return done.error();
    }
    if (queue->definition().durable) {
        const storage::QueueRecord record = record_of(*queue);
        commits_.batch().put(storage::key_of(record), storage::encode_record(record));
        gate_.note_topology_change();
    }
    teller_.changed(*queue, changed, actor);
    return changed;
}

} // namespace broker
