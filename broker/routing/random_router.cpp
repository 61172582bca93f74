#include "broker/routing/random_router.hpp"

namespace broker {

amqp::Result<> RandomRouter::validate(std::string_view, const amqp::FieldTable&) {
    return {};
}

void RandomRouter::add(const Binding& binding) {
    bound_.add(*binding.destination);
}

void RandomRouter::remove(const Binding& binding) {
    bound_.remove(*binding.destination);
}

void RandomRouter::match(const RoutingInput&, Matches& matches) const {
    if (!bound_.empty()) {
        matches.add(bound_[random_.below(bound_.size())]);
    }
}

} // namespace broker
