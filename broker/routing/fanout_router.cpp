#include "broker/routing/fanout_router.hpp"

namespace broker {

amqp::Result<> FanoutRouter::validate(std::string_view, const amqp::FieldTable&) {
    return {};
}

void FanoutRouter::add(const Binding& binding) {
    bound_.add(*binding.destination);
}

void FanoutRouter::remove(const Binding& binding) {
    bound_.remove(*binding.destination);
}

void FanoutRouter::match(const RoutingInput&, Matches& matches) const {
    bound_.collect(matches);
}

} // namespace broker
