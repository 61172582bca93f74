#include "broker/core/exchange_type.hpp"

#include "broker/core/deduplication_cache.hpp"
#include "broker/core/recent_history.hpp"

#include <algorithm>

namespace broker {
namespace {

constexpr std::string_view delayed_type_argument = "x-delayed-type";

} // namespace

bool is_known_type(std::string_view exchange_type) {
    return std::find(exchange_types.begin(), exchange_types.end(), exchange_type) != exchange_types.end();
}

amqp::Result<> validate_exchange_type(std::string_view type, const amqp::FieldTable& arguments) {
    if (type == delayed_type) {
        const amqp::FieldValue* wrapped = arguments.find(delayed_type_argument);
        const std::string* name = wrapped != nullptr ? wrapped->as_string() : nullptr;
        if (name == nullptr || !is_known_type(*name) || *name == delayed_type) {
            return amqp::precondition_failed("Invalid argument, 'x-delayed-type' must be an existing exchange type");
        }
        return validate_exchange_type(*name, arguments);
    }
    if (type == RecentHistory::type) {
        return RecentHistory::validate_arguments(arguments);
    }
    if (type == DeduplicationCache::type) {
        return DeduplicationCache::validate_arguments(arguments);
    }
    return validate_router(type, arguments);
}

std::string_view routing_type(std::string_view type, const amqp::FieldTable& arguments) {
    return type == delayed_type ? std::string_view(*arguments.find(delayed_type_argument)->as_string()) : type;
}

AnyRouter make_exchange_router(std::string_view type, const amqp::FieldTable& arguments, std::uint64_t seed) {
    const std::string_view wanted = routing_type(type, arguments);
    auto router = make_router(wanted, arguments, seed);
    return router ? std::move(*router) : FanoutRouter(); // recent history and deduplication go everywhere
}

} // namespace broker
