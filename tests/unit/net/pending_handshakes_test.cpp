#include "broker/net/pending_handshakes.hpp"

#include "broker/net/connection_log.hpp"

#include <spdlog/sinks/ostream_sink.h>

#include <catch2/catch.hpp>

#include <sstream>
#include <vector>

using namespace broker;
using namespace std::chrono_literals;

namespace {

struct World {
    // A place for somebody, who is remembered when he has to make room.
    PendingHandshakes::Place come(const std::string& who, std::string_view address = "127.0.0.1") {
        return pending.take_place(PeerAddress::parse(address), now, [this, who] { expelled.push_back(who); });
    }

    PendingHandshakes pending;
    PendingHandshakes::Time now{};
    std::vector<std::string> expelled{};
};

} // namespace

TEST_CASE("pending handshakes: one address has its share, others theirs", "[net][limits]") {
    World world{PendingHandshakes({.of_node = 0, .of_address = 2})};
    for (const auto& [own, neighbour, other] :
         {std::array{"192.0.2.1", "192.0.2.1", "192.0.2.2"}, {"2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"}}) {
        auto first = world.come("first", own), second = world.come("second", neighbour);
        CHECK(first);
        CHECK(second);
        CHECK(!world.come("third", own));
        CHECK(world.come("stranger", other));
        world.now += 1h; // which changes nothing
        CHECK(!world.come("third", own));
        second.reset();
        CHECK(world.come("third", neighbour));
    }
    std::vector<PendingHandshakes::Place> here;
    for (int i = 0; i < 10; ++i) {
        here.push_back(world.come("local"));
        CHECK(here.back());
    }
    CHECK(world.expelled.empty());
}

TEST_CASE("pending handshakes: when the node is full, who has taken too long makes room", "[net][limits]") {
    World world{PendingHandshakes({.of_node = 2, .of_address = 0})};
    auto first = world.come("first");
    world.now += 500ms;
    auto second = world.come("second");
    CHECK(!world.come("too early"));
    CHECK(world.expelled.empty());
    world.now += 500ms;
    auto third = world.come("third");
    CHECK(third);
    CHECK(world.expelled == std::vector<std::string>{"first"});
    CHECK(!world.come("too early"));
    first.reset(); // he goes at last, his place is another's
    CHECK(!world.come("too early"));
    second.reset();
    CHECK(world.come("fourth"));
    CHECK(world.expelled.size() == 1);
}

TEST_CASE("pending handshakes: who is refused for his address expels nobody", "[net][limits]") {
    World world{PendingHandshakes({.of_node = 1, .of_address = 1})};
    const auto first = world.come("first", "192.0.2.1");
    world.now += 1h;
    CHECK(!world.come("second", "192.0.2.1"));
    CHECK(world.expelled.empty());
    CHECK(world.come("stranger", "192.0.2.2"));
    CHECK(world.expelled.size() == 1);
}

TEST_CASE("pending handshakes: a flood is one line of the log in ten seconds", "[net][limits]") {
    std::ostringstream log;
    const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(log);
    connection_log().sinks().push_back(sink);
    World world{PendingHandshakes({.of_node = 1, .of_address = 0})};
    const auto first = world.come("first");
    for (int i = 0; i < 100; ++i) {
        world.come("too early");
    }
    const auto said = [&](std::string_view text) { return log.str().find(text) != std::string::npos; };
    CHECK(said("cut off (1 of them)"));
    CHECK(!said("cut off (99"));
    world.now += 10s;
    CHECK(world.come("second"));
    CHECK(said("cut off (100 of them)"));
    connection_log().sinks().pop_back();
}
