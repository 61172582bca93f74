#include "broker/routing/local_random_router.hpp"

#include <fmt/format.h>

namespace broker {

amqp::Result<> LocalRandomRouter::validate(std::string_view routing_key, const amqp::FieldTable&) {
    if (!routing_key.empty()) {
        return amqp::precondition_failed(fmt::format("Non empty binding '{}' key not permitted", routing_key));
    }
    return {};
}

} // namespace broker
