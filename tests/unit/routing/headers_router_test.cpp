#include "broker/routing/headers_router.hpp"
#include "tests/unit/routing/routing_test_support.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <memory>
#include <random>

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

TEST_CASE("headers router: the rules that a message cannot match are not looked at", "[routing][headers]") {
    // Were every rule asked, this would be 20,000 x 20,000 of them.
    HeadersRouter router;
    Matches matches;
    std::vector<std::unique_ptr<TestDestination>> queues;
    const auto arguments = [](int i) {
        return FieldTable{
            {"x-match", i % 2 == 0 ? "all" : "any"}, {"type", i % 2 == 0 ? "order" : "none"}, {"customer", i}};
    };
    constexpr int bindings = 20'000;
    for (int i = 0; i < bindings; ++i) {
        queues.push_back(std::make_unique<TestDestination>(std::to_string(i)));
        router.add(binding_of(*queues.back(), "", arguments(i)));
    }
    for (int i = 0; i < bindings; ++i) {
        const FieldTable headers{{"type", "order"}, {"customer", i}};
        matches.clear();
        router.match({"", &headers}, matches);
        REQUIRE(matches.size() == 1);
        REQUIRE(&matches[0] == queues[static_cast<std::size_t>(i)].get());
    }
    for (int i = 0; i < bindings; ++i) {
        router.remove(binding_of(*queues[static_cast<std::size_t>(i)], "", arguments(i)));
    }
    CHECK(router.empty());
}

TEST_CASE("headers router: the index finds whatever is the same term", "[routing][headers]") {
    CHECK(fits({{"k", "v"}}, FieldTable{{"k", amqp::ByteArray{"v"}}}));
    CHECK(fits({{"k", amqp::Timestamp{5}}}, FieldTable{{"k", std::int16_t{5}}}));
    CHECK(fits({{"k", 0.0}}, FieldTable{{"k", -0.0}}));
    CHECK(fits({{"k", 1.5f}}, FieldTable{{"k", 1.5}}));
    CHECK(fits({{"k", FieldTable{{"a", 1}}}}, FieldTable{{"k", FieldTable{{"a", 1}}}}));
    CHECK_FALSE(fits({{"k", std::int64_t{-1}}}, FieldTable{{"k", amqp::Timestamp{~std::uint64_t{0}}}}));
}

TEST_CASE("headers router: agrees with asking every rule", "[routing][headers]") {
    std::mt19937 random(20'261'121);
    const auto pick = [&](unsigned limit) { return static_cast<int>(random() % limit); };
    const auto table = [&](bool rule) {
        FieldTable result;
        if (rule) {
            constexpr const char* modes[] = {"all", "any", "all-with-x", "any-with-x"};
            result.append("x-match", modes[pick(4)]);
        }
        for (int left = pick(4); left > 0; --left) {
            constexpr const char* names[] = {"a", "b", "c", "x-d"};
            const FieldValue values[] = {1, 2, "1", true, amqp::Void{}, 1.0};
            result.set(names[pick(4)], values[pick(6)]);
        }
        return result;
    };
    std::vector<std::unique_ptr<TestDestination>> queues;
    std::vector<Binding> bindings;
    HeadersRouter router;
    Matches matches;
    for (int step = 0; step < 4'000; ++step) {
        if (bindings.size() > 40) {
            const auto at = static_cast<std::ptrdiff_t>(random() % bindings.size());
            router.remove(bindings[static_cast<std::size_t>(at)]);
            bindings.erase(bindings.begin() + at);
        }
        queues.push_back(std::make_unique<TestDestination>(std::to_string(step)));
        bindings.push_back(binding_of(*queues.back(), "", table(true)));
        router.add(bindings.back());
        const FieldTable headers = table(false);
        HeadersView view;
        view.assign(&headers);
        Names expected;
        for (const Binding& binding : bindings) {
            if (HeadersRule(binding.arguments).matches(view)) {
                expected.push_back(static_cast<TestDestination*>(binding.destination)->name);
            }
        }
        std::sort(expected.begin(), expected.end());
        REQUIRE(matching(router, {"", &headers}, matches) == expected);
    }
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
