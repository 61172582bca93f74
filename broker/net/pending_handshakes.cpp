#include "broker/net/pending_handshakes.hpp"

#include "broker/net/connection_log.hpp"

#include <utility>

namespace broker {
namespace {

// A flood of connections shall not be one of the log.
constexpr std::chrono::seconds between_warnings{10};

} // namespace

PendingHandshakes::Place PendingHandshakes::take_place(const std::optional<PeerAddress>& address, Time now,
                                                       std::function<void()> make_room) {
    const std::string network = address && !address->is_loopback() ? address->network() : std::string();
    std::function<void()> expel;
    std::unique_lock lock(mutex_);
    const bool node_is_full = limits_.of_node != 0 && entries_.size() >= limits_.of_node;
    const bool address_is_full = is_full_of(network);
    if (node_is_full || address_is_full) {
        warn(now);
        expel = address_is_full ? nullptr : expel_oldest(now);
        if (!expel) {
            return nullptr;
        }
    }
    const std::uint64_t number = ++last_number_;
    entries_.emplace_hint(entries_.end(), number, Entry{network, now, std::move(make_room)});
    if (!network.empty()) {
        ++of_network_[network];
    }
    lock.unlock();
    if (expel) {
        expel();
    }
    return std::shared_ptr<PendingHandshakes>(this, [number](PendingHandshakes* all) {
        const std::lock_guard relock(all->mutex_);
        all->remove(number);
    });
}

bool PendingHandshakes::is_full_of(const std::string& network) const {
    const auto found = of_network_.find(network);
    return limits_.of_address != 0 && found != of_network_.end() && found->second >= limits_.of_address;
}

std::function<void()> PendingHandshakes::expel_oldest(Time now) {
    const auto oldest = entries_.begin();
    if (now - oldest->second.since < long_enough) {
        return nullptr;
    }
    std::function<void()> make_room = std::move(oldest->second.make_room);
    remove(oldest->first);
    return make_room;
}

// Who has been expelled is not there any more when he goes.
void PendingHandshakes::remove(std::uint64_t number) {
    const auto entry = entries_.extract(number);
    if (entry.empty()) {
        return;
    }
    const auto count = of_network_.find(entry.mapped().network);
    if (count != of_network_.end() && --count->second == 0) {
        of_network_.erase(count);
    }
}

void PendingHandshakes::warn(Time now) {
    ++cut_off_;
    if (warned_ && now - *warned_ < between_warnings) {
        return;
    }
    connection_log().warn("AMQP connections were cut off ({} of them): too many at a time have not opened a virtual "
                          "host yet (leveret.max_pending_handshakes {}, ..._per_address {})",
                          std::exchange(cut_off_, 0), limits_.of_node, limits_.of_address);
    warned_ = now;
}

} // namespace broker
