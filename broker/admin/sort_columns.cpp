#include "broker/admin/sort_columns.hpp"

#include "broker/core/policy.hpp"

#include <array>

namespace broker {
namespace {

SortKey name_of(const PolicyPtr& policy) {
    return policy == nullptr ? SortKey() : SortKey::of(std::string_view(policy->name));
}

std::uint64_t messages(const Queue& queue) {
    return queue.ready() + queue.unacked();
}

std::uint64_t capacity(const Queue& queue) { // as it looks now
    return queue.consumers().size() > 0 && queue.ready() == 0 ? 1 : 0;
}

template <class Thing>
SortKey same(const Thing&) {
    return {};
}

constexpr auto of_queues = std::to_array<SortColumn<Queue>>({
    {"type", [](const Queue& q) { return SortKey::of(name(q.definition().options.type)); }},
    {"durable", [](const Queue& q) { return SortKey::of(q.definition().durable); }},
    {"auto_delete", [](const Queue& q) { return SortKey::of(q.definition().auto_delete); }},
    {"exclusive", [](const Queue& q) { return SortKey::of(q.exclusive()); }},
    {"node", same<Queue>},
    {"state", same<Queue>},
    {"policy", [](const Queue& q) { return name_of(q.policies().user); }},
    {"operator_policy", [](const Queue& q) { return name_of(q.policies().operators); }},
    {"consumers", [](const Queue& q) { return SortKey::of(std::uint64_t{q.consumers().size()}); }},
    {"consumer_capacity", [](const Queue& q) { return SortKey::of(capacity(q)); }},
    {"consumer_utilisation", [](const Queue& q) { return SortKey::of(capacity(q)); }},
    {"idle_since", [](const Queue& q) { return SortKey::of(static_cast<std::uint64_t>(q.last_active_ms())); }},
    {"messages", [](const Queue& q) { return SortKey::of(messages(q)); }},
    {"messages_ready", [](const Queue& q) { return SortKey::of(q.ready()); }},
    {"messages_unacknowledged", [](const Queue& q) { return SortKey::of(q.unacked()); }},
    {"messages_ram", [](const Queue& q) { return SortKey::of(q.resident() + q.unacked()); }},
    {"messages_ready_ram", [](const Queue& q) { return SortKey::of(q.resident()); }},
    {"messages_unacknowledged_ram", [](const Queue& q) { return SortKey::of(q.unacked()); }},
    {"messages_persistent",
     [](const Queue& q) { return SortKey::of(q.definition().durable ? messages(q) : std::uint64_t{0}); }},
    {"messages_paged_out", [](const Queue& q) { return SortKey::of(q.ready() - q.resident()); }},
    {"message_bytes", [](const Queue& q) { return SortKey::of(q.ready_bytes() + q.unacked_bytes()); }},
    {"message_bytes_ready", [](const Queue& q) { return SortKey::of(q.ready_bytes()); }},
    {"message_bytes_unacknowledged", [](const Queue& q) { return SortKey::of(q.unacked_bytes()); }},
    {"message_bytes_ram", [](const Queue& q) { return SortKey::of(q.footprint() + q.unacked_bytes()); }},
    {"memory", [](const Queue& q) { return SortKey::of(sizeof(Queue) + q.footprint()); }},
    {"message_stats.publish", [](const Queue& q) { return SortKey::of(q.statistics().published); }},
    {"message_stats.deliver", [](const Queue& q) { return SortKey::of(q.statistics().delivered); }},
    {"message_stats.deliver_no_ack", [](const Queue& q) { return SortKey::of(q.statistics().delivered_no_ack); }},
    {"message_stats.get", [](const Queue& q) { return SortKey::of(q.statistics().got); }},
    {"message_stats.get_no_ack", [](const Queue& q) { return SortKey::of(q.statistics().got_no_ack); }},
    {"message_stats.get_empty", [](const Queue& q) { return SortKey::of(q.statistics().get_empty); }},
    {"message_stats.deliver_get",
     [](const Queue& q) {
         const QueueStatistics& counted = q.statistics();
         return SortKey::of(counted.delivered + counted.delivered_no_ack + counted.got + counted.got_no_ack);
     }},
    {"message_stats.redeliver", [](const Queue& q) { return SortKey::of(q.statistics().redelivered); }},
    {"message_stats.ack", [](const Queue& q) { return SortKey::of(q.statistics().acknowledged); }},
});

constexpr auto of_exchanges = std::to_array<SortColumn<Exchange>>({
    {"type", [](const Exchange& x) { return SortKey::of(std::string_view(x.definition().type)); }},
    {"durable", [](const Exchange& x) { return SortKey::of(x.definition().durable); }},
    {"auto_delete", [](const Exchange& x) { return SortKey::of(x.definition().auto_delete); }},
    {"internal", [](const Exchange& x) { return SortKey::of(x.definition().internal); }},
    {"policy", [](const Exchange& x) { return name_of(x.policies().user); }},
    {"message_stats.publish_in", [](const Exchange& x) { return SortKey::of(x.published_in); }},
    {"message_stats.publish_out", [](const Exchange& x) { return SortKey::of(x.published_out); }},
});

} // namespace

std::span<const SortColumn<Queue>> queue_columns() {
    return of_queues;
}

std::span<const SortColumn<Exchange>> exchange_columns() {
    return of_exchanges;
}

} // namespace broker
