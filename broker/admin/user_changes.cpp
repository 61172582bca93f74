#include "broker/admin/user_changes.hpp"

namespace broker {

boost::asio::awaitable<amqp::Result<Put>> change_users(Api& api, Node::UserChange change) {
    return wait_for<amqp::Result<Put>>(api.io, [&api, change = std::move(change)](auto done) mutable {
        api.node.change_users(std::move(change), std::move(done));
    });
}

} // namespace broker
