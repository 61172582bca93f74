// The local random exchange: one queue by chance among those of this node, which on one node is all of them. Binding
// keys must be empty; that only classic queues are bound is seen to by the virtual host, which knows queues. Owned by
// an Exchange, on its virtual host's strand.
#pragma once

#include "broker/routing/random_router.hpp"

#include <string_view>

namespace broker {

class LocalRandomRouter final : public RandomRouter {
 public:
    static constexpr std::string_view type = "x-local-random";

    static amqp::Result<> validate(std::string_view routing_key, const amqp::FieldTable& arguments);

    using RandomRouter::RandomRouter;
};

} // namespace broker
