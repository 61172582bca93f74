// The random exchange: every message goes to one of the bound destinations, each as likely as the others however often
// it is bound. Keys are ignored. Owned by an Exchange, on its virtual host's strand.
#pragma once

#include "broker/routing/binding.hpp"
#include "broker/routing/bound_destinations.hpp"
#include "broker/routing/random_sequence.hpp"
#include "broker/routing/routing_input.hpp"
#include "protocol/error.hpp"

#include <cstdint>
#include <string_view>

namespace broker {

class RandomRouter {
 public:
    static constexpr std::string_view type = "x-random";

    static amqp::Result<> validate(std::string_view routing_key, const amqp::FieldTable& arguments);

    explicit RandomRouter(std::uint64_t seed) : random_(seed) {}

    static constexpr RoutedBy routed_by() { return RoutedBy::chance; }
    void add(const Binding& binding);
    void remove(const Binding& binding);
    void match(const RoutingInput& input, Matches& matches) const;
    bool empty() const { return bound_.empty(); }

 private:
    BoundDestinations bound_;
    mutable RandomSequence random_; // match() draws from it
};

} // namespace broker
