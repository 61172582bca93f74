// The consistent-hash exchange: every message goes to one destination, chosen by the hash of its routing key (or of a
// header, or of a property); the binding key is the destination's weight. Weighted rendezvous hashing: each destination
// draws a number from its own name and the message's hash, the best one wins. So a destination that comes or goes takes
// or leaves only its own share, the order of bindings does not matter, not even over a restart, and a binding costs the
// same few octets whatever its weight. A destination bound several times has the largest of its weights.
//
// Owned by an Exchange, on its virtual host's strand.
#pragma once

#include "broker/routing/binding.hpp"
#include "broker/routing/matches.hpp"
#include "broker/routing/routing_input.hpp"
#include "protocol/error.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

class ConsistentHashRouter {
 public:
    static constexpr std::string_view type = "x-consistent-hash";
    static constexpr unsigned max_weight = 10'000;

    // Of the exchange itself: at most one of hash-header and hash-property, and a property that can be hashed.
    static amqp::Result<> validate_arguments(const amqp::FieldTable& arguments);
    static amqp::Result<> validate(std::string_view routing_key, const amqp::FieldTable& arguments);

    explicit ConsistentHashRouter(const amqp::FieldTable& arguments); // validated

    RoutedBy routed_by() const { return source_ == Source::routing_key ? RoutedBy::keys : RoutedBy::content; }
    void add(const Binding& binding);
    void remove(const Binding& binding);
    void match(const RoutingInput& input, Matches& matches) const;
    bool empty() const { return shares_.empty(); }

 private:
    enum class Source : std::uint8_t { routing_key, header, message_id, correlation_id, timestamp };
    struct Share {
        Destination* destination;
        unsigned weight; // the largest of its bindings
    };

    std::uint64_t hash_of(const RoutingInput& input) const;
    void set_weight(Destination& destination, unsigned weight); // 0: goes
    Destination& choose(std::uint64_t hash) const;

    Source source_ = Source::routing_key;
    std::string header_;
    std::vector<Share> shares_; // walked for every message
    struct Place {
        std::size_t share = 0;
        std::multiset<unsigned> weights; // one for each binding
    };
    boost::unordered_flat_map<const Destination*, Place> places_;
    std::multiset<unsigned> weights_; // of the shares; all alike: no logarithms are needed
};

} // namespace broker
