// The modulus-hash exchange: every message goes to one of the bound destinations, the one at the place that the hash of
// its routing keys tells, modulo their number. The destinations stand in an order that follows from their names, so the
// same bindings give the same places after a restart. Binding keys are ignored.
//
// Owned by an Exchange, on its virtual host's strand.
#pragma once

#include "broker/routing/binding.hpp"
#include "broker/routing/matches.hpp"
#include "broker/routing/routing_input.hpp"
#include "protocol/error.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace broker {

class ModulusHashRouter {
 public:
    static constexpr std::string_view type = "x-modulus-hash";

    static amqp::Result<> validate(std::string_view routing_key, const amqp::FieldTable& arguments);

    static constexpr RoutedBy routed_by() { return RoutedBy::keys; }
    void add(const Binding& binding);
    void remove(const Binding& binding);
    void match(const RoutingInput& input, Matches& matches) const;
    bool empty() const { return places_.empty(); }

 private:
    struct Place {
        Destination* destination;
        std::uint32_t bindings;
    };
    using Places = std::vector<Place>;

    Places::iterator find(const Destination& destination); // where it is or belongs

    Places places_; // by identity
};

} // namespace broker
