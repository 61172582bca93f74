#include "broker/auth/login_throttle.hpp"
#include "broker/auth/throttled_authenticator.hpp"
#include "broker/auth/user_store_authenticator.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

using namespace broker;
using namespace std::chrono_literals;

namespace {

const PeerAddress here = *PeerAddress::parse("10.0.0.1");
const PeerAddress there = *PeerAddress::parse("10.0.0.2");

struct World {
    LoginThrottle throttle{100};
    LoginThrottle::Time now{1h};

    void fail(const PeerAddress& peer, const std::string& user, int times) {
        for (int i = 0; i < times; ++i) {
            throttle.failed(peer, user, now);
        }
    }
    auto delay(const PeerAddress& peer, const std::string& user) const { return throttle.delay(peer, user, now); }
};

} // namespace

TEST_CASE("login throttle: ten failures a minute are free, then it takes one to five seconds", "[auth]") {
    World world;
    world.fail(here, "alice", 9);
    CHECK(world.delay(here, "alice") == 0ms);
    world.fail(here, "alice", 1);
    CHECK(world.delay(here, "alice") == 1000ms);
    world.fail(here, "alice", 1000);
    CHECK(world.delay(here, "alice") == 5000ms);
}

TEST_CASE("login throttle: an address is slowed whatever user it tries, a user wherever he is tried from", "[auth]") {
    World world;
    world.fail(here, "alice", 10);
    CHECK(world.delay(here, "bob") > 0ms);
    CHECK(world.delay(there, "alice") > 0ms);
    CHECK(world.delay(there, "bob") == 0ms);
}

TEST_CASE("login throttle: of IPv6 the network counts", "[auth]") {
    World world;
    world.fail(*PeerAddress::parse("2001:db8::1"), "alice", 10);
    CHECK(world.delay(*PeerAddress::parse("2001:db8::ffff:1"), "bob") > 0ms);
    CHECK(world.delay(*PeerAddress::parse("2001:db8:0:1::1"), "bob") == 0ms);
}

TEST_CASE("login throttle: it is forgotten in time", "[auth]") {
    World world;
    world.fail(here, "alice", 1000);
    world.now += 30s;
    CHECK(world.delay(here, "alice") > 0ms);
    world.now += 31s;
    CHECK(world.delay(here, "alice") == 0ms);
}

TEST_CASE("login throttle: who has logged in before is slowed by his own failures only", "[auth]") {
    World world;
    world.throttle.succeeded(here, "alice", world.now);
    world.fail(there, "alice", 20);
    world.fail(here, "bob", 20);
    CHECK(world.delay(here, "alice") == 0ms);
    world.fail(here, "alice", 10);
    CHECK(world.delay(here, "alice") > 0ms);
}

TEST_CASE("login throttle: its table does not grow beyond its limit", "[auth]") {
    World world;
    for (int i = 0; i < 1000; ++i) {
        world.fail(here, "user" + std::to_string(i), 1);
        CHECK(world.throttle.size() <= 100);
    }
    CHECK(world.delay(here, "somebody") > 0ms); // what is in use stays
}

TEST_CASE("throttled authenticator: a right answer is held back like a wrong one", "[auth]") {
    UserStore users;
    storage::Batch batch;
    UserDefinition definition;
    definition.name = "alice";
    definition.tags.emplace();
    users.put_user(definition, hash_password("pw", HashingAlgorithm::sha256), batch).value();
    UserStoreAuthenticator authenticator(users, [](std::function<void()> job) { job(); },
                                         {.default_algorithm = HashingAlgorithm::sha256});
    LoginThrottle::Time now{1h};
    std::optional<std::chrono::milliseconds> delay;
    std::function<void()> later;
    ThrottledAuthenticator throttled(
        authenticator, [&] { return now; },
        [&](std::chrono::milliseconds ms, std::function<void()> function) {
            delay = ms;
            later = std::move(function);
        });
    std::optional<AuthResult> result;
    const auto login = [&](std::string_view password) {
        delay.reset();
        result.reset();
        throttled.authenticate("PLAIN", std::string("\0alice\0", 7) + std::string(password), here,
                               [&](AuthResult done) { result = std::move(done); });
    };
    for (int i = 0; i < 10; ++i) {
        login("wrong");
        CHECK_FALSE(delay);
        CHECK_FALSE(result->accepted());
    }
    login("pw");
    CHECK_FALSE(result);
    REQUIRE(delay == 1000ms);
    later();
    CHECK(result->accepted());
    login("wrong");
    CHECK_FALSE(result);
    CHECK(delay > 0ms);
    later();
    CHECK(result->log_text.find("invalid credentials (told after ") != std::string::npos);
    now += 61s;
    login("pw");
    CHECK(result->accepted());
    CHECK_FALSE(delay);
}
