// The headers exchange: a binding matches by its arguments and the message's headers, keys are ignored. Rules are
// looked up by what the message carries: a rule that wants all of its terms stands under one of them, the one that
// fewest other rules stand under, a rule that wants any stands under each. Only rules found so are asked in full. So
// the cost of a message depends on its headers and on how many rules share their values, not on the number of bindings.
//
// Owned by an Exchange, on its virtual host's strand; match() uses scratch space of the router.
#pragma once

#include "broker/routing/binding.hpp"
#include "broker/routing/bound_destinations.hpp"
#include "broker/routing/headers_rule.hpp"
#include "broker/routing/matches.hpp"
#include "broker/routing/routing_input.hpp"
#include "protocol/error.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace broker {

class HeadersRouter {
 public:
    static constexpr std::string_view type = "headers";

    static amqp::Result<> validate(std::string_view routing_key, const amqp::FieldTable& arguments);

    static constexpr RoutedBy routed_by() { return RoutedBy::content; }
    void add(const Binding& binding);
    void remove(const Binding& binding);
    void match(const RoutingInput& input, Matches& matches) const;
    bool empty() const { return rules_.empty(); }

 private:
    struct Entry {
        HeadersRule rule;
        BoundDestinations bound;
        std::vector<TermKey> listed_under;
    };
    using Entries = std::vector<Entry*>;

    void list(Entry& entry);
    void unlist(Entry& entry);
    void match(TermKey key, Matches& matches) const;

    boost::unordered_flat_map<std::string_view, std::unique_ptr<Entry>> rules_; // by identity
    boost::unordered_flat_map<TermKey, Entries> by_term_;
    Entries without_terms_;       // that want all of nothing: they always match
    mutable HeadersView headers_; // scratch space of match()
};

} // namespace broker
