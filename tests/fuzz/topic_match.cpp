// The topic router against a matcher too simple to be wrong, while patterns come and go. One line each: "+pattern" is
// bound, "-pattern" is unbound, anything else is the key of a message.
#include "broker/routing/matches.hpp"
#include "broker/routing/topic_router.hpp"
#include "protocol/assert.hpp"
#include "tests/fuzz/input.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace broker;

namespace {

constexpr std::size_t max_lines = 64;

struct Queue : Destination {
    explicit Queue(std::string_view name) : Destination(Kind::queue, name) {}
};

std::vector<std::string_view> words_of(std::string_view key) {
    std::vector<std::string_view> words;
    while (!key.empty()) {
        const std::size_t dot = key.find('.');
        words.push_back(key.substr(0, dot));
        if (dot == std::string_view::npos) {
            return words;
        }
        key.remove_prefix(dot + 1);
        if (key.empty()) {
            words.push_back(key); // the empty word behind a dot at the end
        }
    }
    return words;
}

// reached[i]: the pattern so far fits the first i words. One row per word of the pattern, as for any glob.
bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& key) {
    std::vector<bool> reached(key.size() + 1, false);
    reached[0] = true;
    for (const std::string_view word : pattern) {
        std::vector<bool> next(key.size() + 1, false);
        for (std::size_t i = 0; i <= key.size(); ++i) {
            const bool skips = word == "#" && (reached[i] || (i > 0 && next[i - 1]));
            const bool takes = i > 0 && reached[i - 1] && word != "#" && (word == "*" || word == key[i - 1]);
            next[i] = skips || takes;
        }
        reached = std::move(next);
    }
    return reached.back();
}

class World {
 public:
    void bind(std::string_view pattern) {
        auto [at, added] = bound_.try_emplace(std::string(pattern));
        if (added) {
            at->second = std::make_unique<Queue>(pattern);
            router_.add({at->second.get(), at->first, {}});
        }
    }
    void unbind(std::string_view pattern) {
        if (const auto at = bound_.find(pattern); at != bound_.end()) {
            router_.remove({at->second.get(), at->first, {}});
            bound_.erase(at);
        }
    }
    void publish(std::string_view key) {
        matches_.clear();
        router_.match({.routing_key = key}, matches_);
        std::size_t expected = 0;
        for (const auto& [pattern, queue] : bound_) {
            const bool found = std::ranges::find(matches_.all(), queue.get()) != matches_.all().end();
            LEVERET_ASSERT(found == fits(words_of(pattern), words_of(key)));
            expected += found ? 1 : 0;
        }
        LEVERET_ASSERT(matches_.size() == expected);
    }
    void unbind_all() {
        while (!bound_.empty()) {
            unbind(std::string(bound_.begin()->first));
        }
        LEVERET_ASSERT(router_.empty() && router_.node_count() == 1);
    }

 private:
    TopicRouter router_;
    Matches matches_;
    std::map<std::string, std::unique_ptr<Queue>, std::less<>> bound_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    World world;
    for (std::size_t lines = 0; !input.at_end() && lines < max_lines; ++lines) {
        const std::string_view line = input.line().substr(0, 256);
        if (line.starts_with('+')) {
            world.bind(line.substr(1));
        } else if (line.starts_with('-')) {
            world.unbind(line.substr(1));
        } else {
            world.publish(line);
        }
    }
    world.unbind_all();
    return 0;
}
