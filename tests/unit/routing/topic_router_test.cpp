#include "broker/routing/topic_router.hpp"
#include "tests/unit/routing/routing_test_support.hpp"

#include <catch2/catch.hpp>

#include <memory>

using namespace broker;

namespace {

struct PatternRow {
    std::string pattern;
    Names keys; // those of all_keys that it matches, sorted
};

const Names all_keys{"", ".a", "A.b", "a", "a.", "a..b", "a.b", "a.b.c", "a.b.c.d", "b"};

// Which keys a single binding of `pattern` lets through.
Names matched_keys(const std::string& pattern) {
    TopicRouter router;
    Matches matches;
    TestDestination queue("queue");
    router.add(binding_of(queue, pattern));
    Names found;
    for (const std::string& key : all_keys) {
        if (!matching(router, {key}, matches).empty()) {
            found.push_back(key);
        }
    }
    return found;
}

std::string repeated(std::string_view word, int count) {
    std::string key;
    for (int i = 0; i < count; ++i) {
        key.append(i == 0 ? "" : ".").append(word);
    }
    return key;
}

} // namespace

TEST_CASE("topic router: a pattern matches the keys that it should and no others", "[routing][topic]") {
    const PatternRow rows[] = {
        {"", {""}},
        {"#", all_keys},
        {"#.#", all_keys},
        {"*", {"a", "b"}},
        {"*.*", {".a", "A.b", "a.", "a.b"}},
        {"*.#", {".a", "A.b", "a", "a.", "a..b", "a.b", "a.b.c", "a.b.c.d", "b"}},
        {"#.*", {".a", "A.b", "a", "a.", "a..b", "a.b", "a.b.c", "a.b.c.d", "b"}},
        {"*.#.*", {".a", "A.b", "a.", "a..b", "a.b", "a.b.c", "a.b.c.d"}},
        {"a.b", {"a.b"}},
        {"a.*", {"a.", "a.b"}},
        {"*.b", {"A.b", "a.b"}},
        {"a.#", {"a", "a.", "a..b", "a.b", "a.b.c", "a.b.c.d"}},
        {"#.c", {"a.b.c"}},
        {"a.*.c", {"a.b.c"}},
        {"a.*.b", {"a..b"}},
        {"a.#.b", {"a..b", "a.b"}},
        {"#.b.#", {"A.b", "a..b", "a.b", "a.b.c", "a.b.c.d", "b"}},
        {"a.", {"a."}},
        {".a", {".a"}},
        {"a..b", {"a..b"}},
        {"a*", {}},
        {"#a", {}},
    };
    for (const PatternRow& row : rows) {
        INFO("pattern: '" << row.pattern << "'");
        CHECK(matched_keys(row.pattern) == row.keys);
    }
}

TEST_CASE("topic router: wildcards in a message's key are plain words", "[routing][topic]") {
    TopicRouter router;
    Matches matches;
    TestDestination queue("queue");
    router.add(binding_of(queue, "a.b"));
    CHECK(matching(router, {"a.*"}, matches).empty());
    CHECK(matching(router, {"#"}, matches).empty());
    router.add(binding_of(queue, "*.*"));
    CHECK(matching(router, {"#.*"}, matches) == Names{"queue"});
}

TEST_CASE("topic router: all patterns that fit are found, each destination once", "[routing][topic]") {
    TopicRouter router;
    Matches matches;
    TestDestination a("a");
    TestDestination b("b");
    TestDestination c("c");
    router.add(binding_of(a, "stock.#"));
    router.add(binding_of(a, "stock.*.nyse"));
    router.add(binding_of(b, "#.nyse"));
    router.add(binding_of(c, "stock.usd"));
    CHECK(matching(router, {"stock.usd.nyse"}, matches) == Names{"a", "b"});
    CHECK(matching(router, {"stock.usd"}, matches) == Names{"a", "c"});
    CHECK(matching(router, {"nyse"}, matches) == Names{"b"});
    CHECK(matching(router, {"bond"}, matches).empty());
}

TEST_CASE("topic router: bindings of one pattern count as one until the last goes", "[routing][topic]") {
    TopicRouter router;
    Matches matches;
    TestDestination a("a");
    router.add(binding_of(a, "x.#", {{"n", 1}}));
    router.add(binding_of(a, "x.#", {{"n", 2}}));
    router.add(binding_of(a, "x.#.#"));
    router.remove(binding_of(a, "x.#", {{"n", 1}}));
    router.remove(binding_of(a, "x.#.#"));
    CHECK(matching(router, {"x.y"}, matches) == Names{"a"});
    router.remove(binding_of(a, "x.#", {{"n", 2}}));
    CHECK(matching(router, {"x.y"}, matches).empty());
}

TEST_CASE("topic router: removal takes away the nodes that nobody needs", "[routing][topic]") {
    TopicRouter router;
    TestDestination a;
    CHECK(router.node_count() == 1);
    router.add(binding_of(a, "a.b.c"));
    router.add(binding_of(a, "a.*.c"));
    router.add(binding_of(a, "a.#"));
    router.add(binding_of(a, "a"));
    CHECK(router.node_count() == 1 + 3 + 2 + 1);
    router.remove(binding_of(a, "a.b.c"));
    CHECK(router.node_count() == 1 + 1 + 2 + 1);
    router.remove(binding_of(a, "a"));
    CHECK(router.node_count() == 1 + 1 + 2 + 1);
    router.remove(binding_of(a, "a.*.c"));
    router.remove(binding_of(a, "a.#"));
    CHECK(router.node_count() == 1);
    CHECK(router.empty());
}

TEST_CASE("topic router: a binding of the empty key is seen as a binding", "[routing][topic]") {
    TopicRouter router;
    TestDestination a;
    router.add(binding_of(a, ""));
    CHECK_FALSE(router.empty());
    router.remove(binding_of(a, ""));
    CHECK(router.empty());
}

TEST_CASE("topic router: a moved router still matches", "[routing][topic]") {
    Matches matches;
    TestDestination a("a");
    TopicRouter from;
    from.add(binding_of(a, "x.*.#"));
    TopicRouter router = std::move(from);
    CHECK(matching(router, {"x.y"}, matches) == Names{"a"});
}

// With backtracking these would take longer than the universe has.
TEST_CASE("topic router: many # in a pattern cost no more than its length", "[routing][topic]") {
    TopicRouter router;
    Matches matches;
    TestDestination collapsed("collapsed");
    TestDestination hopeless("hopeless");
    TestDestination spread("spread");
    router.add(binding_of(collapsed, repeated("#", 120)));
    CHECK(router.node_count() == 2);
    router.add(binding_of(hopeless, repeated("#.a", 60) + ".b"));
    router.add(binding_of(spread, repeated("#.*", 60)));
    CHECK(matching(router, {repeated("a", 120)}, matches) == Names{"collapsed", "spread"});
    CHECK(matching(router, {repeated("a", 120) + ".b"}, matches) == Names{"collapsed", "hopeless", "spread"});
    CHECK(matching(router, {repeated("a", 59)}, matches) == Names{"collapsed"});
}

TEST_CASE("topic router: a hundred thousand bindings come and go", "[routing][topic]") {
    constexpr int count = 100'000;
    TopicRouter router;
    Matches matches;
    TestDestination one("one");
    for (int i = 0; i < count; ++i) {
        router.add(binding_of(one, "device." + std::to_string(i) + ".*"));
    }
    CHECK(router.node_count() == 2 + 2 * count);
    CHECK(matching(router, {"device.4711.on"}, matches) == Names{"one"});
    CHECK(matching(router, {"device.100000.on"}, matches).empty());
    for (int i = 0; i < count; ++i) {
        router.remove(binding_of(one, "device." + std::to_string(i) + ".*"));
    }
    CHECK(router.node_count() == 1);
}

TEST_CASE("topic router: a hundred thousand destinations of one pattern come and go", "[routing][topic]") {
    constexpr std::size_t count = 100'000;
    TopicRouter router;
    Matches matches;
    const auto destinations = std::make_unique<TestDestination[]>(count);
    for (std::size_t i = 0; i < count; ++i) {
        router.add(binding_of(destinations[i], "all.#"));
    }
    router.match({"all"}, matches);
    CHECK(matches.size() == count);
    for (std::size_t i = 0; i < count; ++i) {
        router.remove(binding_of(destinations[i], "all.#"));
    }
    CHECK(router.empty());
}
