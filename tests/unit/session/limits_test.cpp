#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;

TEST_CASE("channel.open: a limit of user or node ends the connection", "[session][limits][F8]") {
    TestSession test;
    test.open().open_channel(1);
    test.transport.claim_error = amqp::not_allowed("number of channels opened for user 'alice' has reached the maximum "
                                                   "allowed user limit of 1");
    test.send(2, amqp::channel::Open{});
    CHECK_THAT(test.commands().at(0), Catch::Contains("FailConnection{NOT_ALLOWED - number of channels opened for user "
                                                      "'alice' has reached the maximum allowed user limit of 1"));
}

TEST_CASE("channel.close: gives the channel's place back", "[session][limits][F8]") {
    TestSession test;
    test.open().open_channel(1).open_channel(2);
    CHECK(test.transport.claims.use_count() == 3);
    test.send(1, amqp::channel::Close{});
    test.events(broker::ChannelStopped{1});
    CHECK(test.transport.claims.use_count() == 3);
    test.events(broker::ChannelClosed{1});
    CHECK(test.transport.claims.use_count() == 2);
}
