// How long the answer to a login is held back because of logins that have failed before: of the same address (of IPv6,
// of the same /64), of the same user, of both. Ten failures a minute are free; beyond that an answer takes one to five
// seconds, a right one like a wrong one, so that nobody learns anything by not waiting. Nobody is ever locked out, and
// who has logged in from an address before is slowed there by his own failures only, not by those of others.
//
// Its tables are bounded: the entry unused for longest goes. Any thread; it has no clock of its own.
#pragma once

#include "broker/auth/peer_address.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace broker {

class LoginThrottle {
 public:
    using Time = std::chrono::steady_clock::time_point;

    explicit LoginThrottle(std::size_t max_entries = 10'000) : max_entries_(max_entries) {}

    // Of an attempt that begins now.
    std::chrono::milliseconds delay(const PeerAddress& peer, std::string_view user, Time now) const;
    void failed(const PeerAddress& peer, std::string_view user, Time now);
    void succeeded(const PeerAddress& peer, std::string_view user, Time now);
    std::size_t size() const;

 private:
    // Fills with every failure, and drains at failures_per_minute.
    struct Entry {
        double level = 0;
        Time updated{};
        bool known_good = false; // a login has succeeded
        std::list<std::string>::iterator age{};
    };

    static constexpr double failures_per_minute = 10;
    static constexpr std::chrono::milliseconds shortest{1'000}, longest{5'000};

    static double level(const Entry& entry, Time now);
    const Entry* find(const std::string& key) const;
    Entry& touch(const std::string& key, Time now);

    const std::size_t max_entries_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::list<std::string> by_age_; // the one touched last is last
};

} // namespace broker
