#include "broker/routing/headers_router.hpp"
#include "tests/unit/routing/routing_test_support.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>

using namespace broker;
using amqp::FieldTable;
using amqp::FieldValue;

namespace {

bool fits(const FieldTable& arguments, const FieldTable* headers) {
    HeadersRouter router;
    Matches matches;
    TestDestination queue;
    router.add(binding_of(queue, "", arguments));
    router.match({"", headers}, matches);
    return !matches.empty();
}

bool fits(const FieldTable& arguments, const FieldTable& headers) {
    return fits(arguments, &headers);
}

std::string refusal(const FieldTable& arguments) {
    const amqp::Result<> result = HeadersRouter::validate("", arguments);
    return result ? std::string() : result.error().reply_text();
}

} // namespace

TEST_CASE("headers router: all wants every argument, any wants one", "[routing][headers]") {
    const FieldTable all{{"x-match", "all"}, {"k", "v"}, {"n", 1}};
    const FieldTable absent{{"k", "v"}, {"n", 1}};
    const FieldTable any{{"x-match", "any"}, {"k", "v"}, {"n", 1}};
    struct Row {
        FieldTable headers;
        bool all;
        bool any;
    };
    const Row rows[] = {
        {{{"k", "v"}, {"n", 1}}, true, true},
        {{{"more", true}, {"n", 1}, {"k", "v"}}, true, true},
        {{{"k", "v"}}, false, true},
        {{{"n", 1}, {"z", 2}}, false, true},
        {{{"k", "other"}, {"n", 2}}, false, false},
        {{{"k", "v"}, {"n", "1"}}, false, true},
        {{{"K", "v"}, {"N", 1}}, false, false},
        {{}, false, false},
    };
    for (const Row& row : rows) {
        INFO("row " << &row - rows);
        CHECK(fits(all, row.headers) == row.all);
        CHECK(fits(absent, row.headers) == row.all);
        CHECK(fits(any, row.headers) == row.any);
    }
}

TEST_CASE("headers router: without arguments all matches everything and any nothing", "[routing][headers]") {
    CHECK(fits({}, FieldTable{}));
    CHECK(fits({}, nullptr));
    CHECK(fits({{"x-match", "all"}}, FieldTable{{"k", 1}}));
    CHECK_FALSE(fits({{"x-match", "any"}}, FieldTable{{"k", 1}}));
    CHECK_FALSE(fits({{"x-match", "any"}}, nullptr));
    CHECK_FALSE(fits({{"k", 1}}, nullptr));
}

TEST_CASE("headers router: arguments that start with x- count only with-x", "[routing][headers]") {
    const FieldTable without{{"p", 1}};
    const FieldTable with{{"p", 1}, {"x-k", "v"}};
    const FieldTable only{{"x-k", "v"}};
    const auto rule = [](const char* mode) { return FieldTable{{"x-match", mode}, {"x-k", "v"}, {"p", 1}}; };
    CHECK(fits(rule("all"), without));
    CHECK_FALSE(fits(rule("all-with-x"), without));
    CHECK(fits(rule("all-with-x"), with));
    CHECK(fits(rule("any-with-x"), only));
    CHECK_FALSE(fits(rule("any"), only));
    CHECK_FALSE(fits({{"x-match", "any-with-x"}}, FieldTable{{"x-match", "any-with-x"}}));
}

TEST_CASE("headers router: a void argument wants the header, whatever its value", "[routing][headers]") {
    const FieldTable exists{{"k", amqp::Void{}}};
    CHECK(fits(exists, FieldTable{{"k", "v"}}));
    CHECK(fits(exists, FieldTable{{"k", amqp::Void{}}}));
    CHECK_FALSE(fits(exists, FieldTable{{"other", "v"}}));
}

TEST_CASE("headers router: integers compare by value, other types by type too", "[routing][headers]") {
    struct Row {
        FieldValue argument;
        FieldValue header;
        bool equal;
    };
    const Row rows[] = {
        {std::int8_t{1}, std::int64_t{1}, true},
        {std::uint32_t{4'000'000'000}, std::int64_t{4'000'000'000}, true},
        {std::int32_t{1}, "1", false},
        {std::int32_t{1}, 1.0, false},
        {true, std::int32_t{1}, false},
        {true, true, true},
        {"a", "A", false},
    };
    for (const Row& row : rows) {
        INFO("row " << &row - rows);
        CHECK(fits({{"k", row.argument}}, FieldTable{{"k", row.header}}) == row.equal);
    }
}

TEST_CASE("headers router: of repeated headers the first counts", "[routing][headers]") {
    FieldTable headers{{"z", 0}, {"k", 1}, {"a", 0}, {"k", 2}};
    CHECK(fits({{"k", 1}}, headers));
    CHECK_FALSE(fits({{"k", 2}}, headers));
}

TEST_CASE("headers router: more headers than the name mask has bits", "[routing][headers]") {
    FieldTable headers;
    for (int i = 0; i < 500; ++i) {
        headers.set("h" + std::to_string(i), i);
    }
    CHECK(fits({{"h0", 0}, {"h499", 499}}, headers));
    CHECK_FALSE(fits({{"h0", 0}, {"h500", 500}}, headers));
    CHECK(fits({{"x-match", "any"}, {"h500", 500}, {"h77", 77}}, headers));
}

TEST_CASE("headers router: a destination is found once and goes with its last binding", "[routing][headers]") {
    HeadersRouter router;
    Matches matches;
    TestDestination a("a");
    TestDestination b("b");
    const FieldTable headers{{"k", 1}, {"n", 2}};
    const Binding bindings[] = {
        binding_of(a, "", {{"k", 1}, {"n", 2}}),
        binding_of(a, "key", {{"n", 2}, {"k", 1}}),
        binding_of(a, "", {{"x-match", "all"}, {"k", 1}, {"n", 2}}),
        binding_of(a, "", {{"x-match", "any"}, {"k", 1}}),
    };
    router.add(binding_of(b, "", {{"n", 2}}));
    for (const Binding& binding : bindings) {
        router.add(binding);
    }
    for (const Binding& binding : bindings) {
        CHECK(matching(router, {"", &headers}, matches) == Names{"a", "b"});
        router.remove(binding);
    }
    CHECK(matching(router, {"", &headers}, matches) == Names{"b"});
    router.remove(binding_of(b, "", {{"n", 2}}));
    CHECK(router.empty());
}

TEST_CASE("headers router: a binding with a NaN can be removed", "[routing][headers]") {
    HeadersRouter router;
    TestDestination a;
    router.add(binding_of(a, "", {{"k", std::nan("")}}));
    router.remove(binding_of(a, "", {{"k", std::nan("")}}));
    CHECK(router.empty());
}

TEST_CASE("headers router: a bad x-match is refused with RabbitMQ's text", "[routing][headers]") {
    struct Row {
        FieldValue mode;
        std::string text;
    };
    const Row rows[] = {
        {"all", ""},
        {"any", ""},
        {"all-with-x", ""},
        {"any-with-x", ""},
        {"foo", "PRECONDITION_FAILED - Invalid x-match field value <<\"foo\">>; expected all, any, all-with-x, or "
                "any-with-x"},
        {"", "PRECONDITION_FAILED - Invalid x-match field value <<>>; expected all, any, all-with-x, or any-with-x"},
        {"\x01\xff", "PRECONDITION_FAILED - Invalid x-match field value <<1,255>>; expected all, any, all-with-x, or "
                     "any-with-x"},
        {"a\"\\", "PRECONDITION_FAILED - Invalid x-match field value <<\"a\\\"\\\\\">>; expected all, any, "
                  "all-with-x, or any-with-x"},
        {std::int32_t{5}, "PRECONDITION_FAILED - Invalid x-match field type signedint (value 5); expected longstr"},
        {true, "PRECONDITION_FAILED - Invalid x-match field type bool (value true); expected longstr"},
    };
    for (const Row& row : rows) {
        CHECK(refusal({{"a", 1}, {"x-match", row.mode}}) == row.text);
    }
    CHECK(refusal({}).empty());
}
