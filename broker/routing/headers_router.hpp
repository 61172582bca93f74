// The headers exchange: a binding matches by its arguments and the message's headers, keys are ignored. The rules stand
// by destination: the first one that matches spares the others, and nearly every rule that cannot match is refused by
// its names' mask alone. Owned by an Exchange, on its virtual host's strand; match() uses scratch space of the router.
#pragma once

#include "broker/routing/binding.hpp"
#include "broker/routing/headers_rule.hpp"
#include "broker/routing/matches.hpp"
#include "broker/routing/routing_input.hpp"
#include "protocol/error.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace broker {

class HeadersRouter {
 public:
    static constexpr std::string_view type = "headers";
    static constexpr bool needs_headers = true;

    static amqp::Result<> validate(std::string_view routing_key, const amqp::FieldTable& arguments);

    void add(const Binding& binding);
    void remove(const Binding& binding);
    void match(const RoutingInput& input, Matches& matches) const;
    bool empty() const { return destinations_.empty(); }

 private:
    struct CountedRule {
        HeadersRule rule;
        std::uint32_t bindings; // they differ in what the rule ignores: the key, or arguments that start with x-
    };

    boost::unordered_flat_map<Destination*, std::vector<CountedRule>> destinations_;
    mutable HeadersView headers_; // scratch space of match()
};

} // namespace broker
