#include "broker/admission.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

User user(std::string name, std::map<std::string, std::int64_t, std::less<>> limits = {}) {
    User result;
    result.name = std::move(name);
    result.limits = std::move(limits);
    return result;
}

std::string refusal(const amqp::Result<>& result) {
    return result ? std::string() : result.error().reply_text();
}

} // namespace

TEST_CASE("admission: a virtual host takes as many connections as its limit says", "[root][limits][P20]") {
    Admission admission({});
    CHECK(refusal(admission.enter("v", 2, user("a"))).empty());
    CHECK(refusal(admission.enter("v", 2, user("b"))).empty());
    CHECK(refusal(admission.enter("v", 2, user("c"))) ==
          "NOT_ALLOWED - access to vhost 'v' refused for user 'c': connection limit (2) is reached");
    CHECK(refusal(admission.enter("other", 2, user("c"))).empty());
    admission.leave("v", "a");
    CHECK(refusal(admission.enter("v", 2, user("c"))).empty());
    CHECK_FALSE(refusal(admission.enter("empty", 0, user("a"))).empty());
}

TEST_CASE("admission: a user has as many connections as his limit says", "[root][limits][P20]") {
    Admission admission({});
    const User limited = user("a", {{"max-connections", 1}});
    CHECK(refusal(admission.enter("v", {}, limited)).empty());
    CHECK(refusal(admission.enter("w", {}, limited)) ==
          "NOT_ALLOWED - connection refused for user 'a': user connection limit (1) is reached");
    CHECK(refusal(admission.enter("w", {}, user("b"))).empty());
    CHECK(refusal(admission.enter("v", {}, user("a", {{"max-connections", -1}}))).empty());
    CHECK_FALSE(refusal(admission.enter("v", {}, user("c", {{"max-connections", 0}}))).empty());
}

TEST_CASE("admission: the node takes as many connections as it is set to", "[root][limits][P20]") {
    Admission admission({.connections = 1, .channels = 1, .node_name = "n"});
    CHECK(refusal(admission.check_node()).empty());
    CHECK(refusal(admission.enter("v", {}, user("a"))).empty());
    CHECK(refusal(admission.check_node()) == "NOT_ALLOWED - connection refused: node connection limit (1) is reached");
    admission.leave("v", "a");
    CHECK(refusal(admission.check_node()).empty());
}

TEST_CASE("admission: a channel counts until its claim is gone", "[root][limits][F8]") {
    Admission admission({.connections = 10, .channels = 3, .node_name = "rabbit@here"});
    const User limited = user("a", {{"max-channels", 1}});
    auto first = admission.claim_channel(limited);
    REQUIRE(first);
    const auto second = admission.claim_channel(limited);
    REQUIRE_FALSE(second);
    CHECK(second.error().reply_text() == "NOT_ALLOWED - number of channels opened for user 'a' has reached the maximum "
                                         "allowed user limit of 1");
    first->reset();
    CHECK(admission.claim_channel(limited));
    const auto b = admission.claim_channel(user("b")), c = admission.claim_channel(user("b")),
               d = admission.claim_channel(user("b"));
    const auto e = admission.claim_channel(user("b"));
    REQUIRE_FALSE(e);
    CHECK(e.error().reply_text() ==
          "NOT_ALLOWED - number of channels opened on node 'rabbit@here' has reached the maximum "
          "allowed limit of 3");
}
