// Sessions of the page by themselves: when one ends.
#include "broker/admin/login_sessions.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace broker;

namespace {

User user(std::string name, std::string hash = "hash") {
    User made;
    made.name = std::move(name);
    made.password_hash.text = std::move(hash);
    return made;
}

const LoginSessions::Clock::time_point start{};

} // namespace

TEST_CASE("login sessions: a token opens the session it was made for", "[admin][session]") {
    LoginSessions sessions;
    const std::string anna = sessions.begin(user("anna"), start), bert = sessions.begin(user("bert"), start);
    CHECK(anna.size() == 64);
    CHECK(anna != bert);
    CHECK(sessions.find(anna, start) == "anna");
    CHECK(sessions.find(bert, start) == "bert");
    for (const std::string& wrong : {std::string(), anna.substr(1), anna + "0", std::string(64, '0')}) {
        CHECK(sessions.find(wrong, start).empty());
    }
    sessions.end(anna);
    CHECK(sessions.find(anna, start).empty());
    CHECK(sessions.find(bert, start) == "bert");
}

TEST_CASE("login sessions: one ends when it is idle for too long", "[admin][session]") {
    LoginSessions sessions;
    const std::string token = sessions.begin(user("anna"), start);
    const auto almost = LoginSessions::longest_idle - std::chrono::seconds(1);
    CHECK(sessions.find(token, start + almost) == "anna");
    CHECK(sessions.find(token, start + 2 * almost) == "anna");
    CHECK(sessions.find(token, start + 2 * almost + LoginSessions::longest_idle + std::chrono::seconds(1)).empty());
    CHECK(sessions.size() == 0);
}

TEST_CASE("login sessions: one ends when it is too old, however busy", "[admin][session]") {
    LoginSessions sessions;
    const std::string token = sessions.begin(user("anna"), start);
    auto now = start;
    for (; now <= start + LoginSessions::longest_life; now += std::chrono::minutes(30)) {
        CHECK(sessions.find(token, now) == "anna");
    }
    CHECK(sessions.find(token, now).empty());
}

TEST_CASE("login sessions: another password is another user", "[admin][session]") {
    LoginSessions sessions;
    const std::string token = sessions.begin(user("anna", "old"), start);
    CHECK(sessions.is_current(token, user("anna", "old")));
    CHECK_FALSE(sessions.is_current(token, user("anna", "new")));
    CHECK_FALSE(sessions.is_current(token, user("bert", "old")));
}

TEST_CASE("login sessions: their number is bounded, for each user and for all", "[admin][session]") {
    LoginSessions sessions;
    const std::string other = sessions.begin(user("bert"), start);
    const std::string first = sessions.begin(user("anna"), start + std::chrono::seconds(1));
    for (std::size_t i = 0; i < LoginSessions::max_sessions_of_user; ++i) {
        sessions.begin(user("anna"), start + std::chrono::seconds(2));
    }
    CHECK(sessions.size() == LoginSessions::max_sessions_of_user + 1);
    CHECK(sessions.find(first, start).empty());
    CHECK(sessions.find(other, start) == "bert");
    for (std::size_t i = 0; i < 2 * LoginSessions::max_sessions; ++i) {
        sessions.begin(user("user-" + std::to_string(i)), start + std::chrono::seconds(3));
    }
    CHECK(sessions.size() == LoginSessions::max_sessions);
}
