#include "broker/auth/throttled_authenticator.hpp"

#include "broker/auth/sasl.hpp"

#include <memory>
#include <utility>

namespace broker {

void ThrottledAuthenticator::authenticate(std::string_view mechanism, std::string_view response,
                                          const PeerAddress& peer, Done done) {
    // Who he says that he is; a response that says nothing counts against the address.
    const auto credentials = parse_sasl_response(mechanism, response);
    ForwardingAuthenticator::authenticate(
        mechanism, response, peer, slowed(credentials ? credentials->user : std::string(), peer, std::move(done)));
}

void ThrottledAuthenticator::authenticate_password(std::string_view user, std::string_view password,
                                                   const PeerAddress& peer, Done done) {
    ForwardingAuthenticator::authenticate_password(user, password, peer,
                                                   slowed(std::string(user), peer, std::move(done)));
}

Authenticator::Done ThrottledAuthenticator::slowed(std::string user, const PeerAddress& peer, Done done) {
    // Decided before the outcome is known: it must not show in the time.
    const std::chrono::milliseconds delay = throttle_.delay(peer, user, now_());
    return [this, user = std::move(user), peer, delay, done = std::move(done)](AuthResult result) {
        if (result.accepted()) {
            throttle_.succeeded(peer, user, now_());
        } else {
            throttle_.failed(peer, user, now_());
        }
        if (delay.count() == 0) {
            return done(std::move(result));
        }
        if (!result.accepted()) {
            result.log_text += " (told after " + std::to_string(delay.count()) + " ms: too many failures)";
        }
        run_later_(delay, [done, result = std::move(result)] { done(result); });
    };
}

} // namespace broker
