// How a Connection finds out who its client is. The rest of it is in connection.cpp.
#include "broker/net/connection.hpp"
#include "broker/net/connection_events.hpp"
#include "broker/net/connection_log.hpp"

#include <utility>

namespace broker {

std::string_view Connection::mechanisms() const {
    const bool certified = stream_.tls() != nullptr && stream_.tls()->certificate_login().has_value();
    return certified ? host_.authenticator().mechanisms_with_certificate() : host_.authenticator().mechanisms();
}

void Connection::authenticate(std::string_view mechanism, std::string_view response) {
    auto done = [self = weak_from_this(), &thread = thread_, name = std::string(mechanism)](AuthResult result) {
        // Always posted: the session is in the middle of something when it asks.
        thread.post([self, name, result = std::move(result)]() mutable {
            if (const auto connection = self.lock(); connection && connection->open_) {
                connection->on_authenticated(name, std::move(result));
            }
        });
    };
    if (mechanism == "EXTERNAL" && stream_.tls() != nullptr) {
        if (const auto user = stream_.tls()->certificate_login()) {
            return host_.authenticator().authenticate_certificate(*user, ends_.address, std::move(done));
        }
    }
    host_.authenticator().authenticate(mechanism, response, ends_.address, std::move(done));
}

void Connection::on_authenticated(std::string_view mechanism, AuthResult result) {
    if (result.accepted()) {
        user_ = result.user;
    } else {
        connection_log().warn("connection {}: {}", name, result.log_text);
    }
    if (host_.events().wanted()) {
        tell_login(host_.events(), {name, ends_}, mechanism, result);
        told_ = true;
    }
    session_.on_authenticated(std::move(result));
    resume_input();
    flush();
    wait_readable();
}

} // namespace broker
