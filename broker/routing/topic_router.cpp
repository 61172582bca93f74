#include "broker/routing/topic_router.hpp"

#include "broker/routing/topic_words.hpp"
#include "protocol/assert.hpp"

#include <boost/container_hash/hash.hpp>

#include <utility>

namespace broker {

namespace {

constexpr std::string_view one_word = "*";
constexpr std::string_view many_words = "#";

} // namespace

std::size_t TopicRouter::EdgeHash::operator()(const Edge& edge) const noexcept {
    std::size_t seed = 0;
    boost::hash_combine(seed, edge.from);
    boost::hash_combine(seed, edge.word);
    return seed;
}

amqp::Result<> TopicRouter::validate(std::string_view, const amqp::FieldTable&) {
    return {};
}

TopicRouter::TopicRouter() : root_(std::make_unique<Node>()) {}

void TopicRouter::add(const Binding& binding) {
    node_for(binding.routing_key).bound.add(*binding.destination);
}

void TopicRouter::remove(const Binding& binding) {
    Node* node = find_node(binding.routing_key);
    LEVERET_ASSERT(node != nullptr);
    node->bound.remove(*binding.destination);
    prune(node);
    if (empty()) {
        *this = TopicRouter(); // gives the tables' memory back
    }
}

void TopicRouter::match(const RoutingInput& input, Matches& matches) const {
    reached_.clear();
    ++step_;
    reach(*root_);
    TopicWords words(input.routing_key);
    while (const auto text = words.next()) {
        std::swap(reached_, leaving_);
        reached_.clear();
        ++step_;
        const Word* word = find_word(*text);
        for (const Node* node : leaving_) {
            if (node->repeats) {
                reach(*node);
            }
            if (node->one) {
                reach(*node->one);
            }
            if (word != nullptr && node->words > 0) {
                if (const Node* child = find_word_child(*node, *word)) {
                    reach(*child);
                }
            }
        }
        if (reached_.empty()) {
            return;
        }
    }
    for (const Node* node : reached_) {
        node->bound.collect(matches);
    }
}

// Only a `#` node can be reached twice in a step, by staying and from its parent, and it is counted once.
void TopicRouter::reach(const Node& node) const {
    if (node.step == step_) {
        return;
    }
    node.step = step_;
    reached_.push_back(&node);
    if (node.many) {
        reach(*node.many); // `#` is no word, too
    }
}

TopicRouter::Node& TopicRouter::node_for(std::string_view pattern) {
    Node* node = root_.get();
    TopicWords words(pattern);
    while (const auto text = words.next()) {
        if (*text == many_words && node->repeats) {
            continue; // `#.#` means `#`
        }
        if (*text != one_word && *text != many_words) {
            node = &word_child(*node, *text);
            continue;
        }
        std::unique_ptr<Node>& child = *text == one_word ? node->one : node->many;
        if (!child) {
            child = std::make_unique<Node>();
            child->parent = node;
            child->repeats = *text == many_words;
            ++node_count_;
        }
        node = child.get();
    }
    return *node;
}

TopicRouter::Node* TopicRouter::find_node(std::string_view pattern) const {
    Node* node = root_.get();
    TopicWords words(pattern);
    for (auto text = words.next(); text && node != nullptr; text = words.next()) {
        if (*text == many_words) {
            node = node->repeats ? node : node->many.get();
        } else if (*text == one_word) {
            node = node->one.get();
        } else {
            const Word* word = find_word(*text);
            node = word != nullptr ? find_word_child(*node, *word) : nullptr;
        }
    }
    return node;
}

TopicRouter::Node& TopicRouter::word_child(Node& node, std::string_view text) {
    const auto known = words_.find(text);
    Word& word = known != words_.end() ? *known : *words_.emplace(std::string(text), 0).first;
    std::unique_ptr<Node>& child = edges_[Edge{&node, &word}];
    if (!child) {
        child = std::make_unique<Node>();
        child->parent = &node;
        child->word = &word;
        ++word.second;
        ++node.words;
        ++node_count_;
    }
    return *child;
}

TopicRouter::Node* TopicRouter::find_word_child(const Node& node, const Word& word) const {
    const auto found = edges_.find(Edge{&node, &word});
    return found == edges_.end() ? nullptr : found->second.get();
}

const TopicRouter::Word* TopicRouter::find_word(std::string_view word) const {
    const auto found = words_.find(word);
    return found == words_.end() ? nullptr : &*found;
}

void TopicRouter::prune(Node* node) {
    while (node->parent != nullptr && node->bound.empty() && node->words == 0 && !node->one && !node->many) {
        Node* parent = node->parent;
        unlink(*node);
        --node_count_;
        node = parent;
    }
}

void TopicRouter::unlink(Node& node) {
    Node& parent = *node.parent;
    if (node.word == nullptr) {
        (node.repeats ? parent.many : parent.one).reset();
        return;
    }
    const auto word = words_.find(node.word->first);
    edges_.erase(Edge{&parent, node.word});
    --parent.words;
    if (--word->second == 0) {
        words_.erase(word);
    }
}

} // namespace broker
