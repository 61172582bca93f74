// The direct exchange: a binding matches when its key is the message's routing key. A hash table from keys to
// destinations. Owned by an Exchange, on its virtual host's strand.
#pragma once

#include "broker/routing/binding.hpp"
#include "broker/routing/bound_destinations.hpp"
#include "broker/routing/routing_input.hpp"
#include "broker/routing/text_hash.hpp"
#include "protocol/error.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace broker {

class DirectRouter {
 public:
    static constexpr std::string_view type = "direct";
    static constexpr RoutedBy routed_by() { return RoutedBy::each_key; }

    static amqp::Result<> validate(std::string_view routing_key, const amqp::FieldTable& arguments);

    void add(const Binding& binding);
    void remove(const Binding& binding);
    void match(const RoutingInput& input, Matches& matches) const;
    bool empty() const { return keys_.empty(); }

 private:
    boost::unordered_flat_map<std::string, BoundDestinations, TextHash, std::equal_to<>> keys_;
};

} // namespace broker
