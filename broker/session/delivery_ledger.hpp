// What a channel has delivered and not settled yet: delivery tags to messages [C20, C21]. Owned by its Channel, used on
// the connection's network thread. It does not settle anything itself: it hands the deliveries out.
//
// Tags rise, and most deliveries are settled in about the order in which they were made. So the entries stand in a
// deque in the order of their tags; one settled in the middle leaves a hole until it comes to the front, or until holes
// outnumber entries and are swept out together. A tag is found by its distance from either end, by bisection where
// holes have been swept: O(1) for each acknowledgement, and memory only for what is outstanding.
#pragma once

#include "broker/core/commands.hpp"
#include "broker/core/consumer.hpp"
#include "broker/session/time_point.hpp"
#include "protocol/types.hpp"

#include <boost/container/deque.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace broker {

// A delivery taken out of the ledger. It keeps its consumer alive, which an entry of the ledger does not need to: the
// ledger holds one reference for all deliveries to a consumer.
struct Delivery {
    amqp::DeliveryTag tag = 0;
    ConsumerPtr consumer;
    Unacked unacked;
};

class DeliveryLedger {
 public:
    DeliveryLedger() = default;
    ~DeliveryLedger();
    DeliveryLedger(const DeliveryLedger&) = delete;
    DeliveryLedger& operator=(const DeliveryLedger&) = delete;

    amqp::DeliveryTag next_tag() const { return next_tag_; }
    // Uses up the next tag for a delivery that will be settled, and for one that will not (no_ack).
    void add(Consumer& consumer, Unacked unacked, TimePoint now);
    void skip() { ++next_tag_; }

    bool contains(amqp::DeliveryTag tag) const { return find(tag) != entries_.end(); }
    std::size_t size() const { return entries_.size() - holes_; }

    // Takes out the delivery, which must be there, and gives it to visit(Consumer&, Unacked&&, DeliveryTag). The
    // consumer is alive during the call.
    template <class Visit>
    void take(amqp::DeliveryTag tag, Visit&& visit) {
        release(find(tag), visit);
        drop_holes();
    }
    // The same for all up to `last`, which need not be there itself, in the order of their tags.
    template <class Visit>
    void take_up_to(amqp::DeliveryTag last, Visit&& visit) {
        while (!entries_.empty() && entries_.front().tag <= last) {
            if (entries_.front().consumer != nullptr) {
                release(entries_.begin(), visit);
            }
            pop_front();
        }
        drop_holes();
    }
    template <class Visit>
    void take_all(Visit&& visit) {
        take_up_to(next_tag_, visit);
    }

    // Puts back what was taken [tx.rollback]; rising tags. Their time starts anew.
    void restore(std::vector<Delivery> deliveries, TimePoint now);

    // Visits the outstanding deliveries from the oldest on: visit(const Consumer&, TimePoint delivered, bool& go_on),
    // until one is true or clears go_on.
    template <class Visit>
    bool any_of_oldest(Visit&& visit) const {
        bool go_on = true;
        for (auto entry = entries_.begin(); entry != entries_.end() && go_on; ++entry) {
            if (entry->consumer != nullptr && visit(std::as_const(*entry->consumer), entry->delivered_at, go_on)) {
                return true;
            }
        }
        return false;
    }

 private:
    struct Entry {
        amqp::DeliveryTag tag = 0;
        Consumer* consumer = nullptr; // null: a hole
        Unacked unacked;
        TimePoint delivered_at{};
    };
    // std::deque goes to malloc for every ninth delivery, and keeps a block and more of a channel that never had any.
    using Entries =
        boost::container::deque<Entry, void, boost::container::deque_options_t<boost::container::block_size<32u>>>;

    Entries::const_iterator find(amqp::DeliveryTag tag) const; // end() when not outstanding
    Entries::iterator find(amqp::DeliveryTag tag) {
        const auto found = std::as_const(*this).find(tag);
        return found == entries_.cbegin() ? entries_.begin() : entries_.begin() + (found - entries_.cbegin());
    }
    static void hold(Consumer& consumer);
    static void let_go(Consumer& consumer);
    void pop_front();
    void drop_holes();

    template <class Visit>
    void release(Entries::iterator entry, Visit&& visit) {
        Consumer* const consumer = std::exchange(entry->consumer, nullptr);
        ++holes_;
        visit(*consumer, std::move(entry->unacked), entry->tag);
        let_go(*consumer);
    }

    Entries entries_;
    std::size_t holes_ = 0;
    amqp::DeliveryTag next_tag_ = 1;
};

} // namespace broker
