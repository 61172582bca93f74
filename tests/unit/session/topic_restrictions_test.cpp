#include "broker/session/topic_restrictions.hpp"
#include "tests/support/test_session.hpp"

#include <catch2/catch.hpp>

using test::Lines;
using test::TestSession;

namespace {

const broker::PermissionPatterns everything{".*", ".*", ".*"};

void restrict_to(TestSession& test, broker::TopicPatterns patterns) {
    test.authenticator.topic_permissions["/"]["amq.topic"] = std::move(patterns);
    test.authenticator.set(everything);
}

} // namespace

TEST_CASE("topic permissions: the virtual host is told when there are any", "[session][C5]") {
    TestSession free;
    free.open();
    CHECK(free.commands().empty());
    TestSession restricted;
    restrict_to(restricted, {"^ok", "^ok"});
    restricted.open();
    CHECK(restricted.commands() == Lines{"0 RestrictTopics"});
}

TEST_CASE("topic permissions: a change is told before what follows it", "[session][C5]") {
    TestSession test;
    test.open().open_channel();
    restrict_to(test, {"^ok", "^ok"});
    test.feed(test::publish_frames(1, "amq.topic", "k", "x"));
    CHECK(test.commands() == Lines{"0 RestrictTopics", "1 publish{amq.topic/k x}"});
    test.feed(test::publish_frames(1, "amq.topic", "k", "x"));
    CHECK(test.commands() == Lines{"1 publish{amq.topic/k x}"});
    test.authenticator.topic_permissions.clear();
    test.authenticator.set(everything);
    test.feed(test::publish_frames(1, "amq.topic", "k", "x"));
    CHECK(test.commands() == Lines{"0 RestrictTopics none", "1 publish{amq.topic/k x}"});
}

TEST_CASE("topic restrictions: refuse in RabbitMQ's words", "[session][C5]") {
    broker::User user;
    user.name = "alice";
    user.permissions["/"] = everything;
    user.topic_permissions["/"]["t"] = {"^ok\\.", "^{username}\\."};
    const broker::TopicRestrictions restrictions(broker::Permissions::of(user, "/"), "alice", "/");
    CHECK(restrictions.check_write("t", "ok.1"));
    CHECK(restrictions.check_write("other", "no.1"));
    CHECK(restrictions.check_read("t", "alice.1"));
    const auto refused = restrictions.check_write("t", "no.1");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reply_text() ==
          "ACCESS_REFUSED - write access to topic 'no.1' in exchange 't' in vhost '/' refused for user 'alice'");
}
