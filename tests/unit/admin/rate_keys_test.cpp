#include "broker/admin/rate_keys.hpp"

#include <catch2/catch.hpp>

using namespace broker;

TEST_CASE("rate keys: a rate is what came since an older sample", "[admin][rates]") {
    RateKeys keys;
    CHECK(keys.rate("queue messages", "q", 100, 1'000) == 0); // nobody knows
    CHECK(keys.rate("queue messages", "q", 150, 6'000) == 10);
    CHECK(keys.rate("queue messages", "q", 160, 7'000) == 10); // 60 in 6 s
    CHECK(keys.rate("queue messages", "q", 50, 11'000) == -20); // from the sample of 6 s on: a gauge goes down, too
    CHECK(keys.rate("queue messages", "other", 5, 11'000) == 0);
}

TEST_CASE("rate keys: a counter that goes down begins anew", "[admin][rates]") {
    RateKeys keys;
    keys.rate("message_stats.ack", "q", 100, 0);
    CHECK(keys.rate("message_stats.ack", "q", 150, 5'000) == 10);
    CHECK(keys.rate("message_stats.ack", "q", 10, 10'000) == 0);
    CHECK(keys.rate("message_stats.ack", "q", 20, 15'000) == 2);
}

TEST_CASE("rate keys: only what is asked for is kept, and not too much of it", "[admin][rates]") {
    RateKeys keys;
    for (std::int64_t i = 0; i < 10; ++i) {
        keys.rate("column" + std::to_string(i), "q", 1, i);
    }
    CHECK(keys.columns() == RateKeys::max_columns);
    CHECK(keys.rate("column9", "q", 11, 1'009) == 10); // the newest are those that stay
    keys.forget_unused(1'009 + RateKeys::forget_after_ms);
    CHECK(keys.columns() == 1);
    keys.forget_unused(1'010 + RateKeys::forget_after_ms);
    CHECK(keys.columns() == 0);
}
