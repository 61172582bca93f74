// The consumers of one queue and whose turn it is: highest priority first, round robin among equals, those that cannot
// take anything set aside so that a thousand waiting consumers cost nothing. Owned by its Queue, on the strand.
#pragma once

#include "broker/core/consumer.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <map>

namespace broker {

class ConsumerSet {
 public:
    void add(ConsumerPtr consumer);
    void remove(Consumer& consumer); // drops the set's reference

    bool empty() const { return size_ == 0; }
    // Whether everybody has been set aside: then next() has nobody.
    bool exhausted() const { return single_active_ ? active_ == nullptr : rings_.empty(); }
    std::size_t size() const { return size_; }

    // The consumer that gets the next message and has room for it, or null. Consumers found without room are set aside
    // until unblock.
    Consumer* next();
    void unblock(Consumer& consumer); // it may have room again: at the end of its round

    // Only the first one, by priority and then age, gets messages.
    void set_single_active(bool single_active) { single_active_ = single_active; }
    Consumer* active() const { return active_; } // the single active consumer, if that is on

    template <class Visit>
    void for_each(Visit visit) const {
        for (const auto& [key, consumer] : by_age_) {
            visit(*consumer);
        }
    }

    static bool has_room(const Consumer& consumer);

 private:
    using Ring = std::list<Consumer*>;

    void choose_active();

    std::map<std::int32_t, Ring, std::greater<>> rings_; // by priority; a ring is in the order of service
    Ring blocked_;
    std::map<std::uint64_t, ConsumerPtr> by_age_; // owns
    std::uint64_t next_age_ = 1;
    std::size_t size_ = 0;
    bool single_active_ = false;
    Consumer* active_ = nullptr;
};

} // namespace broker
