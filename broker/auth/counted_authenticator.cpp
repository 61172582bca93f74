#include "broker/auth/counted_authenticator.hpp"

#include <utility>

namespace broker {

Authenticator::Done CountedAuthenticator::counted(Counters& counters, Done done) {
    return [&counters, done = std::move(done)](AuthResult result) {
        ++(result.accepted() ? counters.succeeded : counters.failed);
        done(std::move(result));
    };
}

void CountedAuthenticator::authenticate(std::string_view mechanism, std::string_view response, const PeerAddress& peer,
                                        Done done) {
    ForwardingAuthenticator::authenticate(mechanism, response, peer, counted(amqp_, std::move(done)));
}

void CountedAuthenticator::authenticate_certificate(std::string_view user, const PeerAddress& peer, Done done) {
    ForwardingAuthenticator::authenticate_certificate(user, peer, counted(amqp_, std::move(done)));
}

void CountedAuthenticator::authenticate_password(std::string_view user, std::string_view password,
                                                 const PeerAddress& peer, Done done) {
    ForwardingAuthenticator::authenticate_password(user, password, peer, counted(http_, std::move(done)));
}

std::vector<AuthAttempts> CountedAuthenticator::attempts() const {
    return {{"amqp091", amqp_.succeeded, amqp_.failed}, {"http", http_.succeeded, http_.failed}};
}

void CountedAuthenticator::reset() {
    for (Counters* counters : {&amqp_, &http_}) {
        counters->succeeded = 0;
        counters->failed = 0;
    }
}

} // namespace broker
