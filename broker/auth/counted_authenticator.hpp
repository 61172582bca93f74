// An Authenticator that counts how often somebody has said who he is, and whether it was so: over AMQP and over HTTP.
// All else is the other one's business. One object for the process, any thread.
#pragma once

#include "broker/auth/auth_attempts.hpp"
#include "broker/auth/authenticator.hpp"

#include <atomic>
#include <string_view>
#include <vector>

namespace broker {

class CountedAuthenticator final : public Authenticator {
 public:
    explicit CountedAuthenticator(Authenticator& authenticator) : authenticator_(authenticator) {} // outlives it

    std::vector<AuthAttempts> attempts() const;
    void reset();

    std::string_view mechanisms() const override { return authenticator_.mechanisms(); }
    std::string_view mechanisms_with_certificate() const override {
        return authenticator_.mechanisms_with_certificate();
    }
    void authenticate(std::string_view mechanism, std::string_view response, const PeerAddress& peer,
                      Done done) override;
    void authenticate_certificate(std::string_view user, const PeerAddress& peer, Done done) override;
    void authenticate_password(std::string_view user, std::string_view password, const PeerAddress& peer,
                               Done done) override;
    UserPtr find_user(std::string_view name) const override { return authenticator_.find_user(name); }
    PermissionsPtr permissions(std::string_view user, std::string_view virtual_host) const override {
        return authenticator_.permissions(user, virtual_host);
    }
    std::uint64_t generation() const override { return authenticator_.generation(); }

 private:
    struct Counters {
        std::atomic<std::uint64_t> succeeded{0}, failed{0};
    };
    static Done counted(Counters& counters, Done done);

    Authenticator& authenticator_;
    Counters amqp_, http_;
};

} // namespace broker
