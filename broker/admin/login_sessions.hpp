// Who is logged in at the page: a random token, known to the browser as a cookie and to us as its digest only. A
// session ends when it has been idle for too long, is too old, is logged out, or the user's password changes. Owned by
// the Api, used on the HTTP thread only.
#pragma once

#include "broker/auth/user.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace broker {

class LoginSessions {
 public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::size_t max_sessions = 1'000, max_sessions_of_user = 50;
    static constexpr std::chrono::minutes longest_idle{60};
    static constexpr std::chrono::hours longest_life{12};

    // The token, 64 hexadecimal digits. With too many sessions the one idle for longest ends: of this user, if he has
    // too many, else of all.
    std::string begin(const User& user, Clock::time_point now);
    // The name of the user; empty if the token opens nothing any more. Counts as use.
    std::string find(std::string_view token, Clock::time_point now);
    // Whether the user is still the one who logged in.
    bool is_current(std::string_view token, const User& user) const;
    void end(std::string_view token);
    std::size_t size() const { return sessions_.size(); }

 private:
    using Digest = std::array<std::uint8_t, 32>;
    struct Session {
        std::string user;
        PasswordHash password_hash; // of the login
        Clock::time_point began, used;
    };

    static Digest digest(std::string_view token);
    void make_room(std::string_view user, Clock::time_point now);

    std::map<Digest, Session> sessions_;
};

} // namespace broker
