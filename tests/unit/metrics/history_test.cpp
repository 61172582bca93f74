#include "broker/metrics/counter.hpp"
#include "broker/metrics/history.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <vector>

using namespace broker;

namespace {

constexpr std::array<History::Tier, 2> tiers{{{5'000, 4}, {60'000, 3}}};
constexpr std::int64_t start = 1'699'999'980'000; // a full minute

void record(History& history, std::int64_t now_ms, std::vector<std::uint64_t> values) {
    history.record(now_ms, values, 1); // the first one is a counter
}

} // namespace

TEST_CASE("history: there is no rate before there are two moments", "[metrics][A8]") {
    History history(tiers);
    CHECK(history.trend(0, start, 100).rate == 0);
    record(history, start, {100, 7});
    CHECK(history.trend(0, start, 100).rate == 0);
    CHECK(history.trend(0, start + 100, 200).rate == 0); // says more about the moment than about the traffic
    CHECK(history.trend(0, start + 1'000, 150).rate == 50);
}

TEST_CASE("history: the rate is that of the last five seconds and a little more", "[metrics][A8]") {
    History history(tiers);
    record(history, start, {0, 0});
    record(history, start + 5'000, {1'000, 0});
    record(history, start + 10'000, {1'100, 0});
    CHECK(history.trend(0, start + 10'000, 1'100).rate == 20);
    CHECK(history.trend(0, start + 14'000, 1'190).rate == Approx(190 / 9.0));
    CHECK(history.trend(0, start + 15'000, 1'100).rate == 0); // nothing since
}

TEST_CASE("history: samples are not taken more often than every five seconds", "[metrics]") {
    History history(tiers);
    for (int i = 0; i <= 20; ++i) {
        record(history, start + i * 1'000, {static_cast<std::uint64_t>(i), 0});
    }
    const Trend trend = history.trend(0, start + 20'000, 20, TimeRange{20'000, 5'000});
    using Samples = std::vector<Trend::Sample>;
    CHECK(trend.samples == Samples{{start + 20'000, 20},
                                   {start + 15'000, 15},
                                   {start + 10'000, 10},
                                   {start + 5'000, 5},
                                   {start, 0}}); // the last one of the coarser tier
    CHECK(trend.average_rate == 1);
    CHECK(trend.average == 10);
}

TEST_CASE("history: what is older is kept coarser, and only for so long", "[metrics]") {
    History history(tiers);
    for (int i = 0; i <= 60; ++i) {
        record(history, start + i * 5'000, {static_cast<std::uint64_t>(i), 0}); // five minutes
    }
    const Trend trend = history.trend(0, start + 300'000, 60, TimeRange{600'000, 60'000});
    using Samples = std::vector<Trend::Sample>;
    CHECK(trend.samples == Samples{{start + 300'000, 60}, {start + 240'000, 48}, {start + 180'000, 36}});
}

TEST_CASE("history: a gauge may fall, a counter that falls begins anew", "[metrics]") {
    History history(tiers);
    record(history, start, {100, 50});
    record(history, start + 5'000, {110, 30});
    CHECK(history.trend(1, start + 5'000, 30).rate == -4);
    record(history, start + 10'000, {3, 30}); // deleted and made again
    CHECK(history.trend(0, start + 10'000, 3).rate == 0);
    CHECK(history.trend(0, start + 12'000, 9).rate == 3);
}

TEST_CASE("history: a range without samples has the present one", "[metrics][A8]") {
    const History history(tiers);
    const Trend trend = history.trend(0, start, 5, TimeRange{60'000, 5'000});
    REQUIRE(trend.samples.size() == 1);
    CHECK(trend.samples.front().value == 5);
    CHECK(trend.average == 5);
    CHECK(trend.average_rate == 0);
}

TEST_CASE("history: a clock that is set back begins anew", "[metrics]") {
    History history(tiers);
    record(history, start, {100, 0});
    record(history, start - 3'600'000, {200, 0});
    CHECK(history.trend(0, start - 3'600'000 + 5'000, 300).rate == 20);
}

TEST_CASE("counter: counts", "[metrics]") {
    Counter counter;
    ++counter;
    counter += 41;
    CHECK(counter == 42u);
}
