// Which queues a message reaches: every binding of an exchange is looked at, for every message.
#include "broker_model.hpp"

#include <algorithm>

namespace broker::model {
namespace {

std::vector<std::string> words_of(const std::string& key) {
    if (key.empty()) {
        return {}; // no word, not an empty one
    }
    std::vector<std::string> words(1);
    for (const char c : key) {
        if (c == '.') {
            words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    return words;
}

using Word = std::vector<std::string>::const_iterator;

bool words_match(Word pattern, Word pattern_end, Word word, Word end) {
    if (pattern == pattern_end) {
        return word == end;
    }
    if (*pattern == "#") { // no word, or one more
        return words_match(pattern + 1, pattern_end, word, end) ||
               (word != end && words_match(pattern, pattern_end, word + 1, end));
    }
    return word != end && (*pattern == "*" || *pattern == *word) &&
           words_match(pattern + 1, pattern_end, word + 1, end);
}

bool topic_matches(const std::string& pattern, const std::string& key) {
    const std::vector<std::string> wanted = words_of(pattern), words = words_of(key);
    return words_match(wanted.begin(), wanted.end(), words.begin(), words.end());
}

bool headers_match(const Binding& binding, const Message& message) {
    const auto given = binding.arguments.find("x-match");
    const std::string mode = given == binding.arguments.end() ? "all" : given->second;
    std::size_t compared = 0, equal = 0;
    for (const auto& [name, value] : binding.arguments) {
        if (name == "x-match" || (name.starts_with("x-") && !mode.ends_with("-with-x"))) {
            continue;
        }
        const auto header = message.headers.find(name);
        ++compared;
        equal += header != message.headers.end() && header->second == value ? 1 : 0;
    }
    return mode.starts_with("all") ? equal == compared : equal > 0;
}

bool matches(const std::string& type, const Binding& binding, const Message& message) {
    const std::vector<std::string> keys = message.routing_keys();
    if (type == "direct") {
        return std::find(keys.begin(), keys.end(), binding.key) != keys.end();
    }
    if (type == "topic") {
        return std::any_of(keys.begin(), keys.end(),
                           [&](const std::string& key) { return topic_matches(binding.key, key); });
    }
    return type != "headers" || headers_match(binding, message); // fanout takes everything
}

} // namespace

bool takes_one(const std::string& type) {
    return type == "x-random" || type == "x-modulus-hash" || type == "x-consistent-hash";
}

std::vector<Binding> Broker::matching(const Exchange& exchange, const Message& message) {
    std::vector<Binding> found;
    if (exchange.name.empty()) { // every queue is bound to the default exchange by its name
        for (const std::string& key : message.routing_keys()) {
            if (find_queue(key) != nullptr) {
                found.push_back({"", key, Binding::To::queue, key, {}});
            }
        }
        return found;
    }
    for (const Binding& binding : bindings) {
        if (binding.source == exchange.name && (takes_one(exchange.type) || matches(exchange.type, binding, message))) {
            found.push_back(binding);
        }
    }
    if (takes_one(exchange.type) && !found.empty()) {
        found = {found[choices.one_of(found.size())]};
    }
    return found;
}

std::vector<std::string> Broker::route(Exchange& exchange, const MessagePtr& message) {
    std::vector<std::string> reached_queues, reached_exchanges{exchange.name};
    const auto reach = [](std::vector<std::string>& reached, const std::string& name) {
        if (std::find(reached.begin(), reached.end(), name) == reached.end()) {
            reached.push_back(name);
        }
    };
    for (std::size_t i = 0; i < reached_exchanges.size(); ++i) {
        Exchange* next = find_exchange(reached_exchanges[i]);
        if (next == nullptr) {
            continue; // an alternate that does not exist
        }
        if (next->history_length > 0) {
            next->history.push_back(message);
            if (next->history.size() > next->history_length) {
                next->history.pop_front();
            }
        }
        const std::vector<Binding> found = matching(*next, *message);
        for (const Binding& binding : found) {
            reach(binding.to == Binding::To::queue ? reached_queues : reached_exchanges, binding.destination);
        }
        if (found.empty() && next->alternate) {
            reach(reached_exchanges, *next->alternate);
        }
    }
    choices.reorder(reached_queues);
    return reached_queues;
}

} // namespace broker::model
