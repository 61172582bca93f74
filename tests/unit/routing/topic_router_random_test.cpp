// TopicRouter against a matcher that is too simple to be wrong. LEVERET_SEED=n replays a failure.
#include "broker/routing/topic_router.hpp"
#include "tests/unit/routing/routing_test_support.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <random>
#include <span>

using namespace broker;

namespace {

Names words_of(const std::string& key) {
    Names words;
    if (key.empty()) {
        return words;
    }
    std::size_t start = 0;
    for (std::size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', start)) {
        words.push_back(key.substr(start, dot - start));
        start = dot + 1;
    }
    words.push_back(key.substr(start));
    return words;
}

bool naive_match(std::span<const std::string> pattern, std::span<const std::string> key) {
    if (pattern.empty()) {
        return key.empty();
    }
    if (pattern[0] == "#") {
        return naive_match(pattern.subspan(1), key) || (!key.empty() && naive_match(pattern, key.subspan(1)));
    }
    return !key.empty() && (pattern[0] == "*" || pattern[0] == key[0]) &&
           naive_match(pattern.subspan(1), key.subspan(1));
}

class RandomKeys {
 public:
    explicit RandomKeys(unsigned seed) : random_(seed) {}

    std::string pattern() { return key({"a", "b", "c", "", "*", "#", "#"}); }
    std::string key() { return key({"a", "b", "c", "", "z"}); }
    std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
    std::string key(const Names& words) {
        std::string text;
        const std::size_t count = below(7);
        for (std::size_t i = 0; i < count; ++i) {
            text.append(i == 0 ? "" : ".").append(words[below(words.size())]);
        }
        return text;
    }

    std::mt19937 random_;
};

unsigned seed() {
    const char* given = std::getenv("LEVERET_SEED");
    return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
}

} // namespace

TEST_CASE("topic router: finds what a naive matcher finds, whatever is bound and unbound", "[routing][topic][random]") {
    const unsigned used_seed = seed();
    INFO("LEVERET_SEED=" << used_seed);
    RandomKeys random(used_seed);

    std::vector<std::unique_ptr<TestDestination>> destinations;
    for (int i = 0; i < 20; ++i) {
        destinations.push_back(std::make_unique<TestDestination>(std::to_string(i)));
    }
    TopicRouter router;
    std::vector<Binding> bound;
    Matches matches;
    for (int round = 0; round < 3'000; ++round) {
        if (bound.size() < 60 && (bound.empty() || random.below(2) == 0)) {
            bound.push_back(binding_of(*destinations[random.below(destinations.size())], random.pattern()));
            router.add(bound.back());
        } else {
            std::swap(bound[random.below(bound.size())], bound.back());
            router.remove(bound.back());
            bound.pop_back();
        }
        const std::string key = random.key();
        Names expected;
        for (const Binding& binding : bound) {
            if (naive_match(words_of(binding.routing_key), words_of(key))) {
                expected.push_back(static_cast<TestDestination*>(binding.destination)->name);
            }
        }
        std::sort(expected.begin(), expected.end());
        expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
        INFO("round " << round << ", key '" << key << "'");
        REQUIRE(matching(router, {key}, matches) == expected);
    }
    for (const Binding& binding : bound) {
        router.remove(binding);
    }
    CHECK(router.node_count() == 1);
}
