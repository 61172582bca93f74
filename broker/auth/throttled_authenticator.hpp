// An Authenticator that holds back answers as LoginThrottle says; all else is the other one's business. One object for
// the process, any thread. Whatever `run_later` was given and has not run must be gone before it is destroyed.
#pragma once

#include "broker/auth/authenticator.hpp"
#include "broker/auth/login_throttle.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace broker {

class ThrottledAuthenticator final : public Authenticator {
 public:
    using Now = std::function<LoginThrottle::Time()>;
    using RunLater = std::function<void(std::chrono::milliseconds, std::function<void()>)>; // on any thread

    // `authenticator` outlives it.
    ThrottledAuthenticator(Authenticator& authenticator, Now now, RunLater run_later)
        : authenticator_(authenticator),
          now_(std::move(now)),
          run_later_(std::move(run_later)) {}

    std::string_view mechanisms() const override { return authenticator_.mechanisms(); }
    std::string_view mechanisms_with_certificate() const override {
        return authenticator_.mechanisms_with_certificate();
    }
    void authenticate(std::string_view mechanism, std::string_view response, const PeerAddress& peer,
                      Done done) override;
    void authenticate_certificate(std::string_view user, const PeerAddress& peer, Done done) override {
        authenticator_.authenticate_certificate(user, peer, std::move(done)); // nothing that could be guessed
    }
    void authenticate_password(std::string_view user, std::string_view password, const PeerAddress& peer,
                               Done done) override;
    UserPtr find_user(std::string_view name) const override { return authenticator_.find_user(name); }
    PermissionsPtr permissions(std::string_view user, std::string_view virtual_host) const override {
        return authenticator_.permissions(user, virtual_host);
    }
    std::uint64_t generation() const override { return authenticator_.generation(); }

 private:
    Done slowed(std::string user, const PeerAddress& peer, Done done);

    Authenticator& authenticator_;
    const Now now_;
    const RunLater run_later_;
    LoginThrottle throttle_;
};

} // namespace broker
