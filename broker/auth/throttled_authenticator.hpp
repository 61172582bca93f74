// An Authenticator that holds back answers as LoginThrottle says; all else is the other one's business. One object for
// the process, any thread. Whatever `run_later` was given and has not run must be gone before it is destroyed.
#pragma once

#include "broker/auth/forwarding_authenticator.hpp"
#include "broker/auth/login_throttle.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace broker {

class ThrottledAuthenticator final : public ForwardingAuthenticator {
 public:
    using Now = std::function<LoginThrottle::Time()>;
    using RunLater = std::function<void(std::chrono::milliseconds, std::function<void()>)>; // on any thread

    ThrottledAuthenticator(Authenticator& authenticator, Now now, RunLater run_later)
        : ForwardingAuthenticator(authenticator),
          now_(std::move(now)),
          run_later_(std::move(run_later)) {}

    void authenticate(std::string_view mechanism, std::string_view response, const PeerAddress& peer,
                      Done done) override;
    // A certificate is nothing that could be guessed: it passes as it is.
    void authenticate_password(std::string_view user, std::string_view password, const PeerAddress& peer,
                               Done done) override;

 private:
    Done slowed(std::string user, const PeerAddress& peer, Done done);

    const Now now_;
    const RunLater run_later_;
    LoginThrottle throttle_;
};

} // namespace broker
