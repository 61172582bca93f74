#include "broker/text/pattern.hpp"

#include <catch2/catch.hpp>

#include <string>

using broker::Pattern;

namespace {

bool matches(std::string_view expression, std::string_view subject) {
    return Pattern::compile(expression).value().matches(subject);
}

} // namespace

TEST_CASE("pattern: is searched anywhere in the subject, as PCRE does", "[text][pattern]") {
    struct Row {
        std::string expression, subject;
        bool matches;
    };
    const auto row = GENERATE(values<Row>({
        {".*", "", true},
        {".*", "line\nline", true},
        {"", "anything", true}, // the meaning of an empty permission is Permissions' business
        {"orders", "my.orders.eu", true},
        {"^orders", "my.orders", false},
        {"^orders$", "orders", true},
        {"^$", "", true},
        {"^$", "q", false},
        {"^(?!amq\\.).*", "amq.topic", false},
        {"^(?!amq\\.).*", "orders", true},
        {"(?i)^ORDERS$", "orders", true},
        {"^(a|b)-\\d+$", "b-17", true},
        {"^\\w+$", "\xc3\xa9", false}, // bytes, not characters
        {"^..$", "\xc3\xa9", true},
        {"^a.c$", std::string("a\0c", 3), true},
    }));
    INFO(row.expression << " on " << row.subject);
    CHECK(matches(row.expression, row.subject) == row.matches);
}

TEST_CASE("pattern: a bad expression is an error with its place", "[text][pattern]") {
    struct Row {
        std::string expression, text;
    };
    const auto row = GENERATE(values<Row>({
        {"(", "{invalid_regexp,<<\"(\">>,{\"missing closing parenthesis\",1}}"},
        {"*", "{invalid_regexp,<<\"*\">>,{\"quantifier does not follow a repeatable item\",0}}"},
        {"a[", "{invalid_regexp,<<\"a[\">>,{\"missing terminating ] for character class\",2}}"},
    }));
    const auto compiled = Pattern::compile(row.expression);
    REQUIRE_FALSE(compiled.has_value());
    CHECK(compiled.error().code == amqp::ReplyCode::precondition_failed);
    CHECK(compiled.error().text == row.text);
}

TEST_CASE("pattern: expressions that would switch to Unicode, repeat without end or nest deeply are refused",
          "[text][pattern]") {
    const auto expression = GENERATE(values<std::string>({
        "(*UTF)a",
        "(*UCP)a",
        "((((a{1,1000}){1,1000}){1,1000}){1,1000})",
        std::string(251, '(') + "a" + std::string(251, ')'),
    }));
    INFO(expression);
    CHECK_FALSE(Pattern::compile(expression).has_value());
}

TEST_CASE("pattern: has at most 512 bytes", "[text][pattern]") {
    CHECK(Pattern::compile(std::string(512, 'a')).has_value());
    CHECK_FALSE(Pattern::compile(std::string(513, 'a')).has_value());
    CHECK(Pattern::compile(std::string(513, 'a'), 1000).has_value());
}

TEST_CASE("pattern: a match that takes too many steps is no match", "[text][pattern]") {
    struct Row {
        std::string expression, matching, catastrophic;
    };
    const std::string many(40, 'a');
    const auto row = GENERATE_COPY(values<Row>({
        {"^(a+)+$", "aaa", many + "!"},
        {"^(a|aa)+$", "aaa", many + "!"},
        {"^(a|a)*$", "aaa", many + "!"},
        {"^(.*a){12}$", std::string(12, 'a'), many + "!"},
        {"^([a-zA-Z]+)*$", "abc", many + "1"},
        {"^(([a-z])+.)+[A-Z]([a-z])+$", "abAb", many},
        {"(x+x+)+y", "xxy", std::string(60, 'x')},
        {"^(\\w+\\s?)*$", "a b", std::string(50, 'a') + "!"},
        {"^(?:(?=(a+))a)*b|^(a*)*$", "aab", many + "c"},
    }));
    INFO(row.expression);
    const Pattern pattern = Pattern::compile(row.expression).value();
    CHECK(pattern.matches(row.matching));
    CHECK_FALSE(pattern.matches(row.catastrophic));
    CHECK(pattern.matches(row.matching)); // the budget is per match
}

TEST_CASE("pattern: the limit refuses what would match in the end", "[text][pattern]") {
    // Matches, but only after more steps than are allowed: false proves that the limit ends it.
    const Pattern pattern = Pattern::compile("^(a|aa)+$|b$").value();
    CHECK(pattern.matches("aaab"));
    CHECK_FALSE(pattern.matches(std::string(40, 'a') + "b"));
    CHECK_FALSE(Pattern::compile("(?:a(?R)?)+!").value().matches(std::string(5000, 'a') + "!"));
}

TEST_CASE("pattern: .* needs no engine", "[text][pattern]") {
    CHECK(Pattern::compile(".*").value().matches_everything());
    CHECK_FALSE(Pattern::compile("^.*").value().matches_everything());
    CHECK(matches(".*", std::string(1'000'000, '\n')));
}
