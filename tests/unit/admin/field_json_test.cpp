#include "broker/admin/field_json.hpp"

#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <limits>

using namespace broker;
namespace json = boost::json;

TEST_CASE("field json: what comes in gets the types of RabbitMQ", "[admin][json]") {
    struct Row {
        std::string_view text;
        amqp::FieldValue value;
    };
    for (const auto& [text, value] :
         {Row{"1", std::int64_t{1}}, Row{"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
          Row{"1.5", 1.5}, Row{"true", true}, Row{"\"ü\"", "ü"}, Row{"[1,\"a\"]", amqp::Array{std::int64_t{1}, "a"}},
          Row{"{\"k\":{\"n\":2}}", amqp::FieldTable{{"k", amqp::FieldTable{{"n", std::int64_t{2}}}}}}}) {
        INFO(text);
        const auto converted = field_value(json::parse(text));
        REQUIRE(converted.has_value());
        CHECK(*converted == value);
    }
}

TEST_CASE("field json: null, too large numbers and too long keys are refused", "[admin][json]") {
    CHECK(field_value(json::parse("null")).error().text == "null_not_allowed");
    CHECK(field_value(json::parse("{\"a\":[null]}")).error().text == "null_not_allowed");
    CHECK(field_value(json::parse("9223372036854775808")).has_error());
    CHECK(field_value(json::parse("[111111111100000E00000045536]")).error().text == "number out of range");
    const json::object long_key{{std::string(256, 'k'), 1}};
    CHECK(field_table(long_key).has_error());
    const json::object key{{std::string(255, 'k'), 1}};
    CHECK(field_table(key).has_value());
}

TEST_CASE("field json: every field type has a form in JSON", "[admin][json]") {
    struct Row {
        amqp::FieldValue value;
        std::string_view text;
    };
    for (const auto& [value, text] : {Row{amqp::Void{}, "null"},
                                      Row{true, "true"},
                                      Row{std::int8_t{-1}, "-1"},
                                      Row{std::uint8_t{200}, "200"},
                                      Row{std::int16_t{-300}, "-300"},
                                      Row{std::uint16_t{60000}, "60000"},
                                      Row{std::int32_t{-70000}, "-70000"},
                                      Row{std::uint32_t{4000000000U}, "4000000000"},
                                      Row{std::int64_t{1} << 60, "1152921504606846976"},
                                      Row{amqp::Timestamp{1700000000}, "1700000000"},
                                      Row{amqp::ByteArray{"text"}, "\"text\""},
                                      Row{amqp::ByteArray{"\xff"}, "\"/w==\""},
                                      Row{"\xff", "\"/w==\""},
                                      Row{std::numeric_limits<double>::infinity(), "null"},
                                      Row{amqp::Array{std::int64_t{1}, amqp::Void{}}, "[1,null]"},
                                      Row{amqp::FieldTable{{"a", "b"}}, "{\"a\":\"b\"}"}}) {
        INFO(text);
        CHECK(json::serialize(to_json(value)) == text);
    }
    CHECK(to_json(amqp::FieldValue(amqp::Decimal{2, 314})).get_double() == Approx(3.14));
}

TEST_CASE("field json: properties come back as they went in", "[admin][json]") {
    const auto object = json::parse(R"({"content_type":"text/plain","headers":{"n":7},"delivery_mode":2,"priority":3,
        "correlation_id":"c","reply_to":"r","expiration":"1000","message_id":"m","timestamp":5,"type":"t",
        "user_id":"u","app_id":"a","content_encoding":"gzip","cluster_id":"x"})").get_object();
    const auto properties = basic_properties(object);
    REQUIRE(properties.has_value());
    CHECK(properties->delivery_mode == 2);
    CHECK(to_json(*properties) == object);
    CHECK(to_json(amqp::BasicProperties{}).empty());
}

TEST_CASE("field json: a property of the wrong type is refused", "[admin][json]") {
    for (const std::string_view text :
         {R"({"delivery_mode":256})", R"({"priority":"x"})", R"({"content_type":1})", R"({"headers":[1]})"}) {
        INFO(text);
        CHECK(basic_properties(json::parse(text).get_object()).has_error());
    }
}
