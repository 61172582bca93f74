#include "broker/admin/login_sessions.hpp"

#include "protocol/assert.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>

namespace broker {
namespace {

constexpr std::size_t token_octets = 32;

std::string random_token() {
    std::array<unsigned char, token_octets> octets{};
    const int filled = RAND_bytes(octets.data(), static_cast<int>(octets.size()));
    LEVERET_ASSERT(filled == 1);
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string token;
    for (const unsigned char octet : octets) {
        token.append({digits[octet >> 4], digits[octet & 15]});
    }
    return token;
}

} // namespace

LoginSessions::Digest LoginSessions::digest(std::string_view token) {
    Digest made{};
    SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), made.data());
    return made;
}

std::string LoginSessions::begin(const User& user, Clock::time_point now) {
    make_room(user.name, now);
    std::string token = random_token();
    sessions_.insert_or_assign(digest(token), Session{user.name, user.password_hash, now, now});
    return token;
}

std::string LoginSessions::find(std::string_view token, Clock::time_point now) {
    const auto found = sessions_.find(digest(token));
    if (found == sessions_.end()) {
        return {};
    }
    Session& session = found->second;
    if (now - session.used > longest_idle || now - session.began > longest_life) {
        sessions_.erase(found);
        return {};
    }
    session.used = now;
    return session.user;
}

bool LoginSessions::is_current(std::string_view token, const User& user) const {
    const auto found = sessions_.find(digest(token));
    return found != sessions_.end() && found->second.user == user.name &&
           found->second.password_hash == user.password_hash;
}

void LoginSessions::end(std::string_view token) {
    sessions_.erase(digest(token));
}

void LoginSessions::make_room(std::string_view user, Clock::time_point now) {
    std::erase_if(sessions_, [&](const auto& entry) { return now - entry.second.used > longest_idle; });
    const auto erase_oldest = [&](auto&& among) {
        auto oldest = sessions_.end();
        for (auto session = sessions_.begin(); session != sessions_.end(); ++session) {
            if (among(session->second) && (oldest == sessions_.end() || session->second.used < oldest->second.used)) {
                oldest = session;
            }
        }
        sessions_.erase(oldest);
    };
    const auto his = [&](const Session& session) { return session.user == user; };
    if (std::ranges::count_if(sessions_, [&](const auto& entry) { return his(entry.second); }) >=
        static_cast<std::ptrdiff_t>(max_sessions_of_user)) {
        erase_oldest(his);
    } else if (sessions_.size() >= max_sessions) {
        erase_oldest([](const Session&) { return true; });
    }
}

} // namespace broker
