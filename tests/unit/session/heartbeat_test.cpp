#include "broker/session/heartbeat.hpp"
#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using broker::Heartbeat;
using Action = broker::Heartbeat::Action;

namespace {

// Ticks every second and tells at which seconds something was to be done.
struct Clockwork {
    Heartbeat heartbeat;
    broker::TimePoint begin{1h};
    std::uint64_t received = 100, sent = 100;

    explicit Clockwork(std::chrono::seconds interval) { heartbeat.start(interval, begin, received); }

    template <class EachSecond>
    std::vector<int> seconds_of(Action action, int seconds, EachSecond each_second) {
        std::vector<int> found;
        for (int second = 1; second <= seconds; ++second) {
            each_second(second);
            if (heartbeat.on_tick(begin + std::chrono::seconds(second), received, sent) == action) {
                found.push_back(second);
            }
        }
        return found;
    }
};

} // namespace

TEST_CASE("heartbeat: an interval of 0 is off in both directions", "[session][heartbeat][H1]") {
    Clockwork clockwork(0s);
    CHECK(clockwork.seconds_of(Action::send, 1000, [](int) {}).empty());
    CHECK(clockwork.seconds_of(Action::give_up, 1000, [](int) {}).empty());
}

TEST_CASE("heartbeat: an idle connection sends every half interval", "[session][heartbeat][H2]") {
    Clockwork clockwork(10s);
    const auto sends = clockwork.seconds_of(Action::send, 20, [&](int) { ++clockwork.received; });
    CHECK(sends == std::vector{5, 10, 15, 20});
}

TEST_CASE("heartbeat: the first is sent in any case, later ones only in silence", "[session][heartbeat][H2]") {
    Clockwork clockwork(10s);
    const auto sends = clockwork.seconds_of(Action::send, 30, [&](int second) {
        ++clockwork.received;
        clockwork.sent += second < 17 ? 1 : 0;
    });
    CHECK(sends == std::vector{5, 25, 30}); // 5: the first; 20 still sees what was sent after 15
}

TEST_CASE("heartbeat: a silent peer is given up at its second silent interval", "[session][heartbeat][H3]") {
    Clockwork clockwork(10s);
    CHECK(clockwork.seconds_of(Action::give_up, 21, [](int) {}) == std::vector{20});
}

TEST_CASE("heartbeat: the peer has two intervals after its last octet, and at most half of one more",
          "[session][heartbeat][H3]") {
    const int interval = GENERATE(2, 10, 60);
    for (int last_octet = 1; last_octet <= 4 * interval; ++last_octet) {
        Clockwork clockwork{std::chrono::seconds(interval)};
        const auto given_up = clockwork.seconds_of(
            Action::give_up, 10 * interval, [&](int second) { clockwork.received += second <= last_octet ? 1 : 0; });
        REQUIRE_FALSE(given_up.empty());
        CHECK(given_up.front() - last_octet >= 2 * interval);
        CHECK(given_up.front() - last_octet <= 2 * interval + interval / 2);
    }
}

TEST_CASE("heartbeat: at one second the peer has two to three of them", "[session][heartbeat][H3]") {
    Clockwork clockwork(1s);
    const auto given_up =
        clockwork.seconds_of(Action::give_up, 10, [&](int second) { clockwork.received += second <= 4 ? 1 : 0; });
    REQUIRE_FALSE(given_up.empty());
    CHECK(given_up.front() == 6);
}

TEST_CASE("heartbeat: a process that stood still finds nobody silent at once", "[session][heartbeat][H3]") {
    Clockwork clockwork(10s);
    clockwork.begin += 1h;
    CHECK(clockwork.seconds_of(Action::give_up, 2, [](int) {}).empty());
}

TEST_CASE("heartbeat: one octet per interval keeps a peer alive", "[session][heartbeat][H3]") {
    Clockwork clockwork(10s);
    const auto given_up =
        clockwork.seconds_of(Action::give_up, 200, [&](int second) { clockwork.received += second % 19 == 0 ? 1 : 0; });
    CHECK(given_up.empty());
}

TEST_CASE("heartbeat: while the socket is not read, silence does not count", "[session][heartbeat][H5]") {
    Clockwork clockwork(10s);
    clockwork.heartbeat.pause_receiving();
    CHECK(clockwork.seconds_of(Action::give_up, 100, [](int) {}).empty());
    clockwork.heartbeat.resume_receiving(clockwork.begin + 100s, clockwork.received);
    clockwork.begin += 100s;
    CHECK(clockwork.seconds_of(Action::give_up, 20, [](int) {}) == std::vector{20});
}

TEST_CASE("session: a heartbeat frame is sent after half the client's interval", "[session][heartbeat][H1][H2]") {
    test::TestSession test;
    test.open({2047, 131'072, 4});
    test.tick(1999ms);
    CHECK(test.sent().empty());
    test.tick(1ms);
    CHECK(test.sent_bytes() == std::string("\x08\0\0\0\0\0\0\xCE", 8));
}

TEST_CASE("session: a peer that misses its heartbeats is cut off without a word", "[session][heartbeat][H4]") {
    test::TestSession test;
    test.open({2047, 131'072, 10}).open_channel();
    test.tick(5s); // channel.open came in this half of an interval
    for (int i = 0; i < 3; ++i) {
        test.tick(5s);
    }
    test.sent();
    CHECK(test.transport.closes.empty());
    test.tick(5s);
    CHECK(test.sent().empty());
    CHECK(test.transport.closes == std::vector<long>{0});
    CHECK(test.commands() == test::Lines{"0 StopConnection"});
}

TEST_CASE("session: any octet counts as a sign of life, even half a frame", "[session][heartbeat][H3]") {
    test::TestSession test;
    test.open({2047, 131'072, 10});
    const std::string frame = test::heartbeat_frame();
    for (const char octet : frame) {
        test.feed(std::string(1, octet));
        test.tick(10s);
        test.sent();
    }
    CHECK(test.transport.closes.empty());
}

TEST_CASE("session: what is given again is not counted again", "[session][heartbeat][H3]") {
    test::TestSession test;
    test.open({2047, 131'072, 10});
    const std::string half = test::heartbeat_frame().substr(0, 4);
    test.session.on_bytes(half, test.now);
    test.tick(5s);
    for (int i = 0; i < 4; ++i) {
        test.session.on_bytes(half, test.now);
        test.tick(5s);
    }
    CHECK(test.transport.closes == std::vector<long>{0});
}
