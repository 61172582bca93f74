// An Authenticator that counts how often somebody has said who he is, and whether it was so: over AMQP and over HTTP.
// All else is the other one's business. One object for the process, any thread.
#pragma once

#include "broker/auth/auth_attempts.hpp"
#include "broker/auth/forwarding_authenticator.hpp"

#include <atomic>
#include <string_view>
#include <vector>

namespace broker {

class CountedAuthenticator final : public ForwardingAuthenticator {
 public:
    using ForwardingAuthenticator::ForwardingAuthenticator;

    std::vector<AuthAttempts> attempts() const;
    void reset();

    void authenticate(std::string_view mechanism, std::string_view response, const PeerAddress& peer,
                      Done done) override;
    void authenticate_certificate(std::string_view user, const PeerAddress& peer, Done done) override;
    void authenticate_password(std::string_view user, std::string_view password, const PeerAddress& peer,
                               Done done) override;

 private:
    struct Counters {
        std::atomic<std::uint64_t> succeeded{0}, failed{0};
    };
    static Done counted(Counters& counters, Done done);

    Counters amqp_, http_;
};

} // namespace broker
