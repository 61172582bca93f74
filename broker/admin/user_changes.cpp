#include "broker/admin/user_changes.hpp"

namespace broker {

boost::asio::awaitable<amqp::Result<Put>> change_users(Api& api, const User& actor, Node::UserChange change) {
    return wait_for<amqp::Result<Put>>(api.io, [&api, &actor, change = std::move(change)](auto done) mutable {
        api.node.change_users(std::move(change), std::move(done), actor.name);
    });
}

boost::asio::awaitable<amqp::Result<PasswordHash>> hash_password_of(Api& api, UserDefinition definition, Md5 md5) {
    return wait_for<amqp::Result<PasswordHash>>(
        api.io, [&api, definition = std::move(definition), md5](auto done) mutable {
            boost::asio::post(api.hashing, [definition = std::move(definition), done = std::move(done), md5,
                                            algorithm = api.options.password_hashing] {
                done(password_hash_of(definition, algorithm, md5));
            });
        });
}

} // namespace broker
