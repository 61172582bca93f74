#include "broker/auth/login_throttle.hpp"

#include <algorithm>
#include <array>

namespace broker {
namespace {

constexpr std::size_t max_user_size = 255;

// The kinds of key differ in their first character.
std::string key_of(const PeerAddress& peer) {
    return "a" + peer.network();
}

std::string key_of(std::string_view user) {
    return "u" + std::string(user.substr(0, max_user_size));
}

std::string key_of(const PeerAddress& peer, std::string_view user) {
    return "b" + peer.network() + std::string(user.substr(0, max_user_size));
}

} // namespace

double LoginThrottle::level(const Entry& entry, Time now) {
    const std::chrono::duration<double, std::ratio<60>> minutes = now - entry.updated;
    return std::max(0.0, entry.level - minutes.count() * failures_per_minute);
}

std::chrono::milliseconds LoginThrottle::delay(const PeerAddress& peer, std::string_view user, Time now) const {
    const std::lock_guard lock(mutex_);
    const auto level_of = [&](const Entry* entry) { return entry == nullptr ? 0.0 : level(*entry, now); };
    const Entry* both = find(key_of(peer, user));
    double worst = level_of(both);
    if (both == nullptr || !both->known_good) {
        worst = std::max({worst, level_of(find(key_of(peer))), level_of(find(key_of(user)))});
    }
    const double excess = worst - failures_per_minute;
    if (excess < 0) {
        return {};
    }
    return std::min(longest, shortest + std::chrono::milliseconds(static_cast<int>(excess * 400)));
}

void LoginThrottle::failed(const PeerAddress& peer, std::string_view user, Time now) {
    const std::lock_guard lock(mutex_);
    for (const std::string& key : {key_of(peer), key_of(user), key_of(peer, user)}) {
        Entry& entry = touch(key, now);
        entry.level = std::min(level(entry, now) + 1, 2 * failures_per_minute);
        entry.updated = now;
    }
}

void LoginThrottle::succeeded(const PeerAddress& peer, std::string_view user, Time now) {
    const std::lock_guard lock(mutex_);
    touch(key_of(peer, user), now).known_good = true;
}

std::size_t LoginThrottle::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

const LoginThrottle::Entry* LoginThrottle::find(const std::string& key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

LoginThrottle::Entry& LoginThrottle::touch(const std::string& key, Time now) {
    const auto [at, inserted] = entries_.try_emplace(key);
    Entry& entry = at->second;
    if (inserted) {
        entry.updated = now;
        entry.age = by_age_.insert(by_age_.end(), key);
        if (entries_.size() > max_entries_) {
            entries_.erase(by_age_.front());
            by_age_.pop_front();
        }
    } else {
        by_age_.splice(by_age_.end(), by_age_, entry.age);
    }
    return entry;
}

} // namespace broker
