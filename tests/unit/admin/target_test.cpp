#include "broker/admin/target.hpp"
#include "broker/admin/text.hpp"

#include <catch2/catch.hpp>

using namespace broker;

TEST_CASE("target: segments are decoded once", "[admin][target]") {
    struct Row {
        std::string_view target;
        std::vector<std::string> segments;
    };
    for (const auto& [text, segments] :
         {Row{"/api/queues/%2F/a%20b", {"api", "queues", "/", "a b"}},
          Row{"/api/queues/%2f/a+b", {"api", "queues", "/", "a+b"}}, Row{"/api/queues/%252F", {"api", "queues", "%2F"}},
          Row{"/api/queues/", {"api", "queues"}}, Row{"/api//x", {"api", "", "x"}}, Row{"/", {}}}) {
        INFO(text);
        const auto target = parse_target(text);
        REQUIRE(target.has_value());
        CHECK(target->segments == segments);
    }
}

TEST_CASE("target: the query is decoded, with plus as space", "[admin][target]") {
    const auto target = parse_target("/api/queues?name=^a+b%2B$&page=1&use_regex=true&flag&x=1=2");
    REQUIRE(target.has_value());
    CHECK(target->query.find("name") == "^a b+$");
    CHECK(target->query.find("page") == "1");
    CHECK(target->query.find("flag") == "");
    CHECK(target->query.find("x") == "1=2");
    CHECK(target->query.is_true("use_regex"));
    CHECK_FALSE(target->query.find("none"));
}

TEST_CASE("target: a broken escape is refused", "[admin][target]") {
    for (const std::string_view text : {"/api/%", "/api/%2", "/api/%zz", "/api?x=%f"}) {
        INFO(text);
        CHECK(parse_target(text).has_error());
    }
    CHECK(parse_target("/a%41").has_value());
}

TEST_CASE("target: there are not endless segments", "[admin][target]") {
    std::string text;
    for (std::size_t i = 0; i < max_path_segments; ++i) {
        text += "/x";
    }
    CHECK(parse_target(text).has_value());
    CHECK(parse_target(text + "/x").has_error());
}

TEST_CASE("target: an encoded segment is decoded to the name", "[admin][target]") {
    for (const std::string_view name : {"a b", "/", "ü", "%2F", "a~b", "?&#", ""}) {
        INFO(name);
        const auto target = parse_target("/" + encode_segment(name) + "/end");
        REQUIRE(target.has_value());
        CHECK(target->segments.front() == name);
    }
}

TEST_CASE("text: base64 comes back as it was, and what is none is refused", "[admin][text]") {
    for (const std::string_view octets : {"", "a", "ab", "abc", "\xff\x01\x02"}) {
        CHECK(decode_base64(encode_base64(octets)) == std::string(octets));
    }
    for (const std::string_view text : {"a", "ab=", "a===", "a=bc", "????", "YQ= ="}) {
        INFO(text);
        CHECK_FALSE(decode_base64(text));
    }
}

TEST_CASE("text: what goes out is UTF-8, whatever came in", "[admin][text]") {
    CHECK(is_utf8("a\xc3\xbc\xe2\x82\xac\xf0\x9f\x90\x87"));
    for (const std::string_view octets :
         {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe0\x80\x80"}) {
        CHECK_FALSE(is_utf8(octets));
        CHECK(is_utf8(json_text(octets)));
    }
    CHECK(json_text("a\xff"
                    "b") == "a\xef\xbf\xbd"
                            "b");
}
