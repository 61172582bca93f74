// VirtualHost: from a queue where a message has died to the queues that its dead letter exchange leads to. A work list,
// not a recursion: what dies on arrival goes to the end of it, and a hold of the strand takes only so much from the
// front.
//
// Until its turn comes the message is still in the store where it died; its removal there and its arrival elsewhere are
// in one commit.
#include "broker/core/virtual_host.hpp"

#include <utility>

namespace broker {
namespace {

// Counted in messages without a history. A history is read and written again with every step, so it counts by its size:
// what a hold does before others have their turn takes as long either way.
constexpr std::size_t burials_per_hold = 256;
constexpr std::size_t history_bytes_per_burial = 64;

} // namespace

void VirtualHost::dead_letter(Queue& queue, ReadyMessage message, DeathReason reason) {
    dying_.push_back({queue.shared_from_this(), std::move(message), reason});
}

void VirtualHost::bury_some() {
    for (std::size_t done = 0; done < burials_per_hold && !dying_.empty();) {
        Dying dying = std::move(dying_.front());
        dying_.pop_front();
        done += 1 + dying.message.message->properties().size() / history_bytes_per_burial;
        bury(dying);
    }
    if (!dying_.empty()) {
        hold_again();
    }
}

void VirtualHost::bury(Dying& dying) {
    const QueueOptions& options = dying.queue->options();
    const amqp::Message& message = *dying.message.message;
    Exchange* exchange = options.dead_letter_exchange ? find_exchange(*options.dead_letter_exchange) : nullptr;
    if (exchange != nullptr && message.deaths() < max_automatic_deaths) {
        Death death{dying.reason, dying.queue->name(), exchange->name(), {}, environment_.clock.now_ms()};
        if (options.dead_letter_routing_key) {
            death.dead_letter_routing_key = *options.dead_letter_routing_key;
        }
        ++counters_.dead_lettered[static_cast<std::size_t>(dying.reason)];
        const DeadLetter letter = make_dead_letter(message, death);
        match_exchange(*exchange, letter.message, letter.extra_keys.get());
        std::vector<Queue*> queues;
        collect_queues(letter.message, queues);
        for (Queue* queue : queues) {
            if (letter.may_enter(queue->name())) {
                queue->publish(letter.message);
            }
        }
    }
    dying.queue->remove_dead(dying.message);
}

} // namespace broker
