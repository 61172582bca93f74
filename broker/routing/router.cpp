#include "broker/routing/router.hpp"

namespace broker {

amqp::Result<> validate_router(std::string_view type, const amqp::FieldTable& arguments) {
    return type == ConsistentHashRouter::type ? ConsistentHashRouter::validate_arguments(arguments) : amqp::Result<>();
}

std::optional<AnyRouter> make_router(std::string_view type, const amqp::FieldTable& arguments, std::uint64_t seed) {
    if (type == DirectRouter::type) {
        return DirectRouter();
    }
    if (type == FanoutRouter::type) {
        return FanoutRouter();
    }
    if (type == TopicRouter::type) {
        return TopicRouter();
    }
    if (type == HeadersRouter::type) {
        return HeadersRouter();
    }
    if (type == ConsistentHashRouter::type) {
        return ConsistentHashRouter(arguments);
    }
    if (type == ModulusHashRouter::type) {
        return ModulusHashRouter();
    }
    if (type == RandomRouter::type) {
        return RandomRouter(seed);
    }
    if (type == LocalRandomRouter::type) {
        return LocalRandomRouter(seed);
    }
    return std::nullopt;
}

amqp::Result<> validate_binding(const AnyRouter& router, std::string_view routing_key,
                                const amqp::FieldTable& arguments) {
    return std::visit([&](const auto& r) { return r.validate(routing_key, arguments); }, router);
}

void add(AnyRouter& router, const Binding& binding) {
    std::visit([&](auto& r) { r.add(binding); }, router);
}

void remove(AnyRouter& router, const Binding& binding) {
    std::visit([&](auto& r) { r.remove(binding); }, router);
}

void match(const AnyRouter& router, const RoutingInput& input, Matches& matches) {
    std::visit([&](const auto& r) { r.match(input, matches); }, router);
}

RoutedBy routed_by(const AnyRouter& router) {
    return std::visit([](const auto& r) { return r.routed_by(); }, router);
}

bool empty(const AnyRouter& router) {
    return std::visit([](const auto& r) { return r.empty(); }, router);
}

} // namespace broker
