// The topic exchange: binding keys are patterns of words, `*` stands for one word, `#` for any number of them. The
// patterns are compiled into a trie when they are bound. A message's words are read once, from left to right, while the
// set of trie nodes reached so far moves on: no backtracking, so no pattern makes it explode, and its cost does not
// depend on the number of patterns but on how many of them fit the words read so far.
//
// Owned by an Exchange, on its virtual host's strand; match() uses scratch space of the router.
#pragma once

#include "broker/routing/binding.hpp"
#include "broker/routing/bound_destinations.hpp"
#include "broker/routing/routing_input.hpp"
#include "broker/routing/text_hash.hpp"
#include "protocol/error.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_map.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

class TopicRouter {
 public:
    static constexpr std::string_view type = "topic";
    static constexpr RoutedBy routed_by() { return RoutedBy::each_key; }

    static amqp::Result<> validate(std::string_view routing_key, const amqp::FieldTable& arguments);

    TopicRouter();

    void add(const Binding& binding);
    void remove(const Binding& binding);
    void match(const RoutingInput& input, Matches& matches) const;
    bool empty() const { return node_count_ == 1 && root_->bound.empty(); }

    std::size_t node_count() const { return node_count_; } // with the root

 private:
    // Each word that occurs in a pattern, once, with the number of edges that carry it. Its address names it.
    using Words = boost::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;
    using Word = Words::value_type;

    struct Node {
        Node* parent = nullptr;
        const Word* word = nullptr;     // on the edge from the parent; null for wildcards and the root
        std::unique_ptr<Node> one;      // `*`
        std::unique_ptr<Node> many;     // `#`
        std::uint32_t words = 0;        // edges from here that carry a word
        bool repeats = false;           // reached by `#`: stays reached whatever word comes
        mutable std::uint64_t step = 0; // when match() last reached it
        BoundDestinations bound;
    };
    struct Edge {
        const Node* from;
        const Word* word;
        bool operator==(const Edge&) const = default;
    };
    struct EdgeHash {
        std::size_t operator()(const Edge& edge) const noexcept;
    };

    Node& node_for(std::string_view pattern); // makes what is missing
    Node* find_node(std::string_view pattern) const;
    Node& word_child(Node& node, std::string_view word);
    Node* find_word_child(const Node& node, const Word& word) const;
    const Word* find_word(std::string_view word) const;
    void prune(Node* node);
    void unlink(Node& node);

    void reach(const Node& node) const;

    Words words_;
    boost::unordered_flat_map<Edge, std::unique_ptr<Node>, EdgeHash> edges_;
    std::unique_ptr<Node> root_;
    std::size_t node_count_ = 1;

    // Scratch space of match().
    mutable std::vector<const Node*> reached_;
    mutable std::vector<const Node*> leaving_;
    mutable std::uint64_t step_ = 0;
};

} // namespace broker
