// The connections that have not got as far as connection.open-ok: how many there may be, of the node and of an address.
// Owned by the Broker, used from every network thread: a map under a mutex, touched twice in a connection's life.
//
// With too many of one address the newcomer is refused: who attacks us harms himself. With too many of the node,
// whoever has taken longer than a handshake takes makes room for him, so that those who only sit there keep nobody out;
// when nobody has, as when all clients come back at once, the newcomer is refused, so that the others get through.
#pragma once

#include "broker/auth/peer_address.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace broker {

class PendingHandshakes {
 public:
    using Time = std::chrono::steady_clock::time_point;
    using Place = std::shared_ptr<const void>; // given up with the last copy

    struct Limits { // 0: none
        std::size_t of_node = 1'000;
        std::size_t of_address = 256; // of IPv6, of a /64; this machine's own have none
    };

    // Longer than the handshake of a client who is at it.
    static constexpr std::chrono::seconds long_enough{1};

    explicit PendingHandshakes(Limits limits) : limits_(limits) {}

    // A place for one more; null: he is refused. When `make_room` is called, on any thread, it has gone to somebody
    // else. Without an address he counts for the node only. The PendingHandshakes must outlive the place.
    Place take_place(const std::optional<PeerAddress>& address, Time now, std::function<void()> make_room);

 private:
    struct Entry {
        std::string network; // empty: counts for the node only
        Time since;
        std::function<void()> make_room;
    };

    bool is_full_of(const std::string& network) const;
    std::function<void()> expel_oldest(Time now); // nothing if he is too young
    void remove(std::uint64_t number);
    void warn(Time now);

    const Limits limits_;
    std::mutex mutex_;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, Entry> entries_; // the oldest first
    std::map<std::string, std::size_t> of_network_;
    std::size_t cut_off_ = 0; // since the log has told of it
    std::optional<Time> warned_;
};

} // namespace broker
