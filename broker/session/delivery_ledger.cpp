#include "broker/session/delivery_ledger.hpp"

#include "protocol/assert.hpp"

#include <algorithm>

namespace broker {

DeliveryLedger::~DeliveryLedger() {
    take_all([](Consumer&, Unacked&&, amqp::DeliveryTag) {});
}

void DeliveryLedger::add(Consumer& consumer, Unacked unacked, TimePoint now) {
    hold(consumer);
    entries_.push_back({next_tag_++, &consumer, std::move(unacked), now});
}

void DeliveryLedger::restore(std::vector<Delivery> deliveries, TimePoint now) {
    Entries merged;
    auto next = entries_.begin();
    for (Delivery& delivery : deliveries) {
        for (; next != entries_.end() && next->tag < delivery.tag; ++next) {
            merged.push_back(std::move(*next));
        }
        if (next != entries_.end() && next->tag == delivery.tag) {
            ++next; // its own hole
            --holes_;
        }
        hold(*delivery.consumer);
        merged.push_back({delivery.tag, delivery.consumer.get(), std::move(delivery.unacked), now});
    }
    std::move(next, entries_.end(), std::back_inserter(merged));
    entries_ = std::move(merged);
}

DeliveryLedger::Entries::const_iterator DeliveryLedger::find(amqp::DeliveryTag tag) const {
    if (!entries_.empty() && tag == entries_.front().tag) { // most are settled in order; no hole is in front
        return entries_.begin();
    }
    if (entries_.empty() || tag < entries_.front().tag || tag > entries_.back().tag) {
        return entries_.end();
    }
    // Tags are distinct and rise, so an entry is nowhere farther from either end than its tag is.
    const std::size_t last = entries_.size() - 1;
    const std::size_t high = std::min<std::uint64_t>(last, tag - entries_.front().tag);
    const std::size_t low = last - std::min<std::uint64_t>(last, entries_.back().tag - tag);
    auto entry = entries_.begin() + high;
    if (entry->tag != tag) {
        entry = std::ranges::lower_bound(entries_.begin() + low, entry, tag, {}, &Entry::tag);
    }
    return entry->tag == tag && entry->consumer != nullptr ? entry : entries_.end();
}

void DeliveryLedger::hold(Consumer& consumer) {
    if (consumer.session.outstanding++ == 0) {
        intrusive_ptr_add_ref(&consumer);
    }
}

void DeliveryLedger::let_go(Consumer& consumer) {
    LEVERET_ASSERT(consumer.session.outstanding > 0);
    if (--consumer.session.outstanding == 0) {
        intrusive_ptr_release(&consumer);
    }
}

void DeliveryLedger::pop_front() {
    LEVERET_ASSERT(entries_.front().consumer == nullptr);
    entries_.pop_front();
    --holes_;
}

void DeliveryLedger::drop_holes() {
    constexpr std::size_t worth_sweeping = 64;
    while (!entries_.empty() && entries_.front().consumer == nullptr) {
        pop_front();
    }
    if (holes_ > worth_sweeping && holes_ > entries_.size() / 2) {
        const auto is_hole = [](const Entry& entry) { return entry.consumer == nullptr; };
        entries_.erase(std::remove_if(entries_.begin(), entries_.end(), is_hole), entries_.end());
        holes_ = 0;
    }
}

} // namespace broker
