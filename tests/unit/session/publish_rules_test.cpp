#include "broker/session/publish_rules.hpp"
#include "tests/support/amqp_frames.hpp"
#include "tests/support/session_twins.hpp"

#include <catch2/catch.hpp>

namespace {

struct Published {
    amqp::MessagePtr message;
    std::string error; // reply text
    std::vector<std::string> keys;
};

Published publish(const amqp::BasicProperties& properties, std::vector<std::string> tags = {},
                  std::string_view reply_address = {}) {
    test::FakeAuthenticator authenticator;
    authenticator.set({".*", ".*", ".*"}, std::move(tags));
    Published published{amqp::Message::make("e", "k", properties.encode(), "body"), {}, {}};
    const auto keys = broker::apply_publish_rules(published.message, *authenticator.user(), reply_address);
    if (!keys) {
        published.error = keys.error().reply_text();
        CHECK(keys.error().scope == amqp::Scope::channel);
    } else if (*keys != nullptr) {
        published.keys = **keys;
    }
    return published;
}

amqp::BasicProperties with_expiration(std::string text) {
    amqp::BasicProperties properties;
    properties.expiration = std::move(text);
    return properties;
}

amqp::BasicProperties with_headers(amqp::FieldTable headers) {
    amqp::BasicProperties properties;
    properties.headers = std::move(headers);
    return properties;
}

} // namespace

TEST_CASE("publish rules: an expiration is a number of milliseconds in a string", "[session][publish][C27]") {
    for (const char* text : {"0", "1", "60000", "+5", "-0", "007", "315360000000", "0000000000000000000000001"}) {
        CAPTURE(text);
        CHECK(publish(with_expiration(text)).error.empty());
    }
    struct Case {
        const char* text;
        const char* reason;
    };
    const Case cases[] = {
        {"", "{error,no_integer}"},
        {"abc", "{error,no_integer}"},
        {"-", "{error,no_integer}"},
        {" 5", "{error,no_integer}"},
        {"60000.0", "{leftover_string,\".0\"}"},
        {"5 ", "{leftover_string,\" \"}"},
        {"-1", "{value_negative,-1}"},
        {"-007", "{value_negative,-7}"},
        {"315360000001", "{value_too_large,315360000001}"},
        {"99999999999999999999999", "{value_too_large,99999999999999999999999}"},
    };
    for (const Case& each : cases) {
        CHECK(publish(with_expiration(each.text)).error ==
              "PRECONDITION_FAILED - invalid expiration '" + std::string(each.text) + "': " + each.reason);
    }
}

TEST_CASE("publish rules: CC and BCC add routing keys, CC first", "[session][publish][C29]") {
    const Published published = publish(with_headers({{"BCC", amqp::Array{"b1"}},
                                                      {"CC", amqp::Array{"c1", std::int32_t{7}, "c2"}},
                                                      {"cc", amqp::Array{"lower case is nothing"}}}));
    CHECK(published.error.empty());
    CHECK(published.keys == std::vector<std::string>{"c1", "c2", "b1"});
}

TEST_CASE("publish rules: BCC is removed and nothing else", "[session][publish][C29]") {
    amqp::BasicProperties properties = with_headers({{"a", 1.5}, {"BCC", amqp::Array{"b"}}, {"CC", amqp::Array{"c"}}});
    properties.message_id = "id";
    const Published published = publish(properties);
    properties.headers->erase("BCC");
    CHECK(published.message->properties() == properties.encode());
    CHECK(published.message->exchange() == "e");
    CHECK(published.message->routing_key() == "k");
    CHECK(published.message->body() == "body");
}

TEST_CASE("publish rules: a message without BCC stays the same message", "[session][publish][C29]") {
    for (const amqp::FieldTable& headers : {amqp::FieldTable{{"CC", amqp::Array{"c"}}}, amqp::FieldTable{{"x", "y"}}}) {
        const amqp::BasicProperties properties = with_headers(headers);
        CHECK(publish(properties).message->properties() == properties.encode());
    }
    CHECK(publish(with_headers({{"CC", amqp::Array{}}})).keys.empty());
    CHECK(publish(with_headers({{"nested", amqp::FieldTable{{"CC", "not at the top"}}}})).error.empty());
}

TEST_CASE("publish rules: CC and BCC must be arrays", "[session][publish][C27]") {
    CHECK(publish(with_headers({{"CC", "key"}})).error ==
          "PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,\"CC\",longstr}");
    CHECK(publish(with_headers({{"BCC", std::int32_t{1}}})).error ==
          "PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,\"BCC\",signedint}");
}

TEST_CASE("publish rules: a user-id is the login, but for impersonators", "[session][publish][C27]") {
    amqp::BasicProperties properties;
    properties.user_id = "alice";
    CHECK(publish(properties).error.empty());
    properties.user_id = "bob";
    CHECK(publish(properties).error ==
          "PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was 'alice'");
    CHECK(publish(properties, {"administrator"}).error != "");
    CHECK(publish(properties, {"impersonator"}).error.empty());
}

TEST_CASE("publish rules: expiration comes before CC, CC before user-id", "[session][publish][C27]") {
    amqp::BasicProperties properties = with_headers({{"CC", "key"}});
    properties.user_id = "bob";
    CHECK_THAT(publish(properties).error, Catch::Contains("unacceptable_type_in_header"));
    properties.expiration = "x";
    CHECK_THAT(publish(properties).error, Catch::Contains("invalid expiration"));
}
