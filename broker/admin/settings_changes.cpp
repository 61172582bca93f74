#include "broker/admin/settings_changes.hpp"

namespace broker {

boost::asio::awaitable<amqp::Result<bool>> change_settings(Api& api, const User& actor, VirtualHostPtr virtual_host,
                                                           VirtualHost::SettingsChange change) {
    return wait_for<amqp::Result<bool>>(api.io, [virtual_host = std::move(virtual_host), actor = actor.name,
                                                 change = std::move(change)](auto done) mutable {
        VirtualHost& host = *virtual_host;
        // The virtual host outlives its strand's work and the store's answer.
        host.run([virtual_host = std::move(virtual_host), actor = std::move(actor), change = std::move(change),
                  done = std::move(done)](VirtualHost& on_it) {
            on_it.change_settings(
                change, [virtual_host, done](amqp::Result<bool> result) { done(std::move(result)); }, actor);
        });
    });
}

HttpResult put_response(const amqp::Result<bool>& created) {
    return created ? HttpResult(HttpResponse::put(*created)) : HttpResult(created.error());
}

HttpResult delete_response(const amqp::Result<bool>& deleted) {
    if (!deleted) {
        return deleted.error();
    }
    return *deleted ? HttpResponse::no_content() : HttpResponse::not_found();
}

} // namespace broker
