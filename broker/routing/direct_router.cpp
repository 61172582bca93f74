#include "broker/routing/direct_router.hpp"

#include "protocol/assert.hpp"

namespace broker {

amqp::Result<> DirectRouter::validate(std::string_view, const amqp::FieldTable&) {
    return {};
}

void DirectRouter::add(const Binding& binding) {
    keys_[binding.routing_key].add(*binding.destination);
}

void DirectRouter::remove(const Binding& binding) {
    const auto found = keys_.find(binding.routing_key);
    LEVERET_ASSERT(found != keys_.end());
    found->second.remove(*binding.destination);
    if (found->second.empty()) {
        keys_.erase(found);
    }
}

void DirectRouter::match(const RoutingInput& input, Matches& matches) const {
    const auto found = keys_.find(input.routing_key);
    if (found != keys_.end()) {
        found->second.collect(matches);
    }
}

} // namespace broker
