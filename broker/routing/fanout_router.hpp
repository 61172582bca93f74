// The fanout exchange: every binding matches, its key is ignored. Owned by an Exchange, on its virtual host's strand.
#pragma once

#include "broker/routing/binding.hpp"
#include "broker/routing/bound_destinations.hpp"
#include "broker/routing/routing_input.hpp"
#include "protocol/error.hpp"

#include <string_view>

namespace broker {

class FanoutRouter {
 public:
    static constexpr std::string_view type = "fanout";
    static constexpr RoutedBy routed_by() { return RoutedBy::keys; }

    static amqp::Result<> validate(std::string_view routing_key, const amqp::FieldTable& arguments);

    void add(const Binding& binding);
    void remove(const Binding& binding);
    void match(const RoutingInput& input, Matches& matches) const;
    bool empty() const { return bound_.empty(); }

 private:
    BoundDestinations bound_;
};

} // namespace broker
