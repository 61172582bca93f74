#include "broker/admin/body.hpp"
#include "broker/admin/tags.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace broker;
namespace json = boost::json;

TEST_CASE("body: nothing is an empty object", "[admin][body]") {
    for (const std::string_view text : {"", " \r\n", "null", "undefined", "{}", " {} "}) {
        INFO(text);
        const auto body = decode_body(text);
        REQUIRE(body.has_value());
        CHECK(body->empty());
    }
}

TEST_CASE("body: what is no object is refused in RabbitMQ's words", "[admin][body]") {
    for (const std::string_view text : {"[1]", "7", "{", "{\"a\":}", "{} x"}) {
        INFO(text);
        CHECK(decode_body(text).error().text == "not_json");
    }
    CHECK(decode_body("\"{}\"").error().text ==
          "invalid payload: the request body JSON-decoded to a string. Is the input doubly-JSON-encoded?");
}

TEST_CASE("body: nesting has an end", "[admin][body]") {
    CHECK(decode_body("{\"a\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}").has_error());
}

TEST_CASE("body: numbers and booleans may be strings", "[admin][body]") {
    const json::object object =
        json::parse(R"({"n":5,"s":"6","t":true,"f":"false","empty":[],"none":null})").get_object();
    BodyFields fields(object);
    CHECK(fields.integer("n") == 5);
    CHECK(fields.integer("s") == 6);
    CHECK(fields.boolean("t"));
    CHECK_FALSE(fields.boolean("f", true));
    CHECK(fields.boolean("absent", true));
    CHECK(fields.table("empty").empty());
    CHECK_FALSE(fields.text("none"));
    CHECK_FALSE(fields.error());
}

TEST_CASE("body: the first failure is kept", "[admin][body]") {
    const json::object object = json::parse(R"({"n":"x","b":1})").get_object();
    BodyFields fields(object);
    fields.integer("n");
    fields.boolean("b");
    REQUIRE(fields.error());
    CHECK(fields.error()->text == "the value of 'n' is not an integer");
    CHECK(fields.error()->code == amqp::ReplyCode::precondition_failed);
}

TEST_CASE("body: missing keys are all named", "[admin][body]") {
    const json::object object{{"read", ""}};
    BodyFields fields(object);
    fields.require({"configure", "write", "read"});
    REQUIRE(fields.error());
    CHECK(fields.error()->text == "[{key_missing,configure},{key_missing,write}]");
}

TEST_CASE("body: tags are a list or a text with commas", "[admin][body]") {
    const std::vector<std::string> expected{"a", "b"};
    for (const std::string_view text : {R"({"tags":["a","b"]})", R"({"tags":"a, b"})", R"({"tags":"a,,b,"})"}) {
        INFO(text);
        const json::object object = json::parse(text).get_object();
        BodyFields fields(object);
        CHECK(read_tags(fields) == expected);
    }
    const json::object none, wrong{{"tags", json::array{1}}};
    BodyFields without(none), bad(wrong);
    CHECK_FALSE(read_tags(without));
    CHECK_FALSE(without.error());
    CHECK_FALSE(read_tags(bad));
    CHECK(bad.error());
}
