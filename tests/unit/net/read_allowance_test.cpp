#include "broker/net/read_allowance.hpp"

#include <catch2/catch.hpp>

using broker::ReadAllowance;

TEST_CASE("read allowance: half of it calls for the next look, once; then it is used up", "[net][alarms][R-14]") {
    int calls = 0;
    ReadAllowance allowance([&] { ++calls; });
    allowance.use(1u << 30); // before the first grant everybody may read
    CHECK_FALSE(allowance.used_up());
    allowance.grant(100);
    allowance.use(49);
    CHECK(calls == 0);
    allowance.use(1);
    CHECK(calls == 1);
    allowance.use(49);
    CHECK_FALSE(allowance.used_up());
    allowance.use(30); // a read that was under way
    CHECK(allowance.used_up());
    CHECK(calls == 1);
    allowance.grant(10);
    CHECK_FALSE(allowance.used_up());
    allowance.use(1000);
    CHECK(calls == 2);
    allowance.grant(ReadAllowance::unlimited);
    allowance.use(1u << 30);
    CHECK_FALSE(allowance.used_up());
    CHECK(calls == 2);
}
