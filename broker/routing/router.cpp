#include "broker/routing/router.hpp"

#include <algorithm>

namespace broker {

bool is_known_type(std::string_view exchange_type) {
    return std::find(exchange_types.begin(), exchange_types.end(), exchange_type) != exchange_types.end();
}

std::optional<AnyRouter> make_router(std::string_view exchange_type) {
    if (exchange_type == DirectRouter::type) {
        return DirectRouter();
    }
    if (exchange_type == FanoutRouter::type) {
        return FanoutRouter();
    }
    if (exchange_type == TopicRouter::type) {
        return TopicRouter();
    }
    if (exchange_type == HeadersRouter::type) {
        return HeadersRouter();
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

bool needs_headers(const AnyRouter& router) {
    return std::visit([](const auto& r) { return r.needs_headers; }, router);
}

bool empty(const AnyRouter& router) {
    return std::visit([](const auto& r) { return r.empty(); }, router);
}

} // namespace broker
