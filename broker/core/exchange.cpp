#include "broker/core/exchange.hpp"

#include "broker/core/exchange_type.hpp"

#include "broker/core/effective_policy.hpp"

#include <functional>
#include <utility>

namespace broker {

bool is_exchange_type(std::string_view type) {
    return is_known_type(type);
}

Exchange::Exchange(Definition definition, AnyRouter router)
    : Destination(Kind::exchange, definition.name), definition_(std::move(definition)), router_(std::move(router)) {
    apply({});
}

void Exchange::apply(AppliedPolicies policies) {
    policies_ = std::move(policies);
    alternate_ = effective_alternate(definition_.arguments, policies_);
}

std::size_t Exchange::BindingHash::operator()(const Binding& binding) const {
    // The arguments are compared, not hashed: bindings that differ in nothing else are few.
    return std::hash<const void*>{}(binding.destination) * 31 + std::hash<std::string>{}(binding.routing_key);
}

BoundBinding* Exchange::bind(Binding binding, bool durable) {
    if (bindings_.find(binding) != bindings_.end()) {
        return nullptr;
    }
    auto bound = std::make_unique<BoundBinding>(BoundBinding{this, std::move(binding), durable});
    add(router_, bound->binding);
    BoundBinding* result = bound.get();
    bindings_.insert(std::move(bound));
    return result;
}

std::unique_ptr<BoundBinding> Exchange::unbind(const Binding& binding) {
    const auto found = bindings_.find(binding);
    if (found == bindings_.end()) {
        return nullptr;
    }
    remove(router_, (*found)->binding);
    return std::move(bindings_.extract(found).value());
}

std::unique_ptr<BoundBinding> Exchange::unbind(BoundBinding& bound) {
    return unbind(bound.binding);
}

} // namespace broker
