#include "broker/session/confirm_tracker.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>
#include <string>
#include <vector>

using broker::ConfirmTracker;

namespace {

struct Tracker : ConfirmTracker {
    explicit Tracker(int published) {
        for (int i = 0; i < published; ++i) {
            next_number();
        }
    }
    // "ack 3*" covers everything up to 3, "nack 4" only itself.
    std::vector<std::string> flushed() {
        std::vector<std::string> lines;
        flush([&](bool accepted, std::uint64_t number, bool multiple) {
            lines.push_back((accepted ? "ack " : "nack ") + std::to_string(number) + (multiple ? "*" : ""));
        });
        return lines;
    }
};

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("confirm tracker: counts from one", "[session][confirm][K1]") {
    ConfirmTracker tracker;
    CHECK(tracker.next_number() == 1);
    CHECK(tracker.next_number() == 2);
    CHECK(tracker.unconfirmed() == 2);
}

TEST_CASE("confirm tracker: one range in order is one acknowledgement", "[session][confirm][K8]") {
    Tracker tracker(100);
    tracker.settle(1, 99, true);
    CHECK(tracker.flushed() == Lines{"ack 99*"});
    tracker.settle(100, 1, true);
    CHECK(tracker.flushed() == Lines{"ack 100"});
    CHECK(tracker.unconfirmed() == 0);
    CHECK(tracker.flushed().empty());
}

TEST_CASE("confirm tracker: ranges in any order join", "[session][confirm][K8]") {
    Tracker tracker(10);
    tracker.settle(7, 2, true);
    tracker.settle(1, 3, true);
    tracker.settle(4, 3, true);
    CHECK(tracker.flushed() == Lines{"ack 8*"});
}

TEST_CASE("confirm tracker: above the smallest unconfirmed number they go one by one", "[session][confirm][K8]") {
    Tracker tracker(6);
    tracker.settle(1, 2, true);
    tracker.settle(4, 3, true);
    CHECK(tracker.flushed() == Lines{"ack 2*", "ack 4", "ack 5", "ack 6"});
    tracker.settle(3, 1, true);
    CHECK(tracker.flushed() == Lines{"ack 3"}); // only one is new
    CHECK(tracker.unconfirmed() == 0);
}

TEST_CASE("confirm tracker: multiple never covers what was rejected in the batch", "[session][confirm][K3][K8]") {
    Tracker tracker(5);
    tracker.settle(1, 2, true);
    tracker.settle(3, 1, false);
    tracker.settle(4, 2, true);
    CHECK(tracker.flushed() == Lines{"nack 3", "ack 2*", "ack 4", "ack 5"});
}

TEST_CASE("confirm tracker: rejections are batched as well", "[session][confirm][K8]") {
    Tracker tracker(5);
    tracker.settle(1, 4, false);
    tracker.settle(5, 1, true);
    CHECK(tracker.flushed() == Lines{"nack 4*", "ack 5"});
}

TEST_CASE("confirm tracker: agrees with a plain model, whatever the order", "[session][confirm][K8]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto up_to = [&](std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit)(random); };

    ConfirmTracker tracker;
    std::set<std::uint64_t> unanswered;              // of the virtual host
    std::set<std::uint64_t> open_at_client;          // what a client still waits for
    std::map<std::uint64_t, bool> verdict, received; // true: accepted
    for (int round = 0; round < 4000; ++round) {
        for (std::size_t publishes = up_to(8); publishes > 0; --publishes) {
            const auto number = tracker.next_number();
            unanswered.insert(number);
            open_at_client.insert(number);
        }
        for (std::size_t answers = up_to(4); answers > 0 && !unanswered.empty(); --answers) {
            auto first = std::next(unanswered.begin(),
                                   static_cast<long>(up_to(std::min<std::size_t>(unanswered.size() - 1, 20))));
            const bool accepted = up_to(4) != 0;
            const std::uint64_t begin = *first;
            std::uint64_t count = 0;
            while (first != unanswered.end() && *first == begin + count && up_to(5) != 0) {
                verdict[begin + count++] = accepted;
                first = unanswered.erase(first);
            }
            if (count != 0) {
                tracker.settle(begin, count, accepted);
            }
        }
        if (up_to(2) == 0) {
            tracker.flush([&](bool accepted, std::uint64_t number, bool multiple) {
                const auto begin = multiple ? open_at_client.begin() : open_at_client.find(number);
                REQUIRE(begin != open_at_client.end());
                const auto end = open_at_client.upper_bound(number);
                for (auto entry = begin; entry != end; ++entry) {
                    received[*entry] = accepted;
                }
                REQUIRE(received.contains(number));
                open_at_client.erase(begin, end);
            });
            REQUIRE(received == verdict);
        }
        REQUIRE(tracker.unconfirmed() == unanswered.size());
    }
}
