// An Authenticator that leaves everything to another one, for those that add one thing of their own: they override what
// they change. It owns nothing; the other one outlives it.
#pragma once

#include "broker/auth/authenticator.hpp"

#include <string_view>
#include <utility>

namespace broker {

class ForwardingAuthenticator : public Authenticator {
 public:
    explicit ForwardingAuthenticator(Authenticator& authenticator) : authenticator_(authenticator) {}

    std::string_view mechanisms() const override { return authenticator_.mechanisms(); }
    std::string_view mechanisms_with_certificate() const override {
        return authenticator_.mechanisms_with_certificate();
    }
    void authenticate(std::string_view mechanism, std::string_view response, const PeerAddress& peer,
                      Done done) override {
        authenticator_.authenticate(mechanism, response, peer, std::move(done));
    }
    void authenticate_certificate(std::string_view user, const PeerAddress& peer, Done done) override {
        authenticator_.authenticate_certificate(user, peer, std::move(done));
    }
    void authenticate_password(std::string_view user, std::string_view password, const PeerAddress& peer,
                               Done done) override {
        authenticator_.authenticate_password(user, password, peer, std::move(done));
    }
    UserPtr find_user(std::string_view name) const override { return authenticator_.find_user(name); }
    PermissionsPtr permissions(std::string_view user, std::string_view virtual_host) const override {
        return authenticator_.permissions(user, virtual_host);
    }
    std::uint64_t generation() const override { return authenticator_.generation(); }

 private:
    Authenticator& authenticator_;
};

} // namespace broker
