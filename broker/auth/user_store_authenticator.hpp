// The Authenticator over our own users. SHA hashes are checked at once; argon2 hashes, and the pretended check for
// unknown users, run in the background, at most max_pending of them (a login storm must not queue up for minutes).
// One object for the process, on any thread; the UserStore and the background pool outlive it, and the pool has
// finished its work before it is destroyed.
#pragma once

#include "broker/auth/authenticator.hpp"
#include "broker/auth/sasl.hpp"
#include "broker/auth/user_store.hpp"
#include "broker/auth/verified_credentials.hpp"

#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

class UserStoreAuthenticator final : public Authenticator {
 public:
    using RunInBackground = std::function<void(std::function<void()>)>;
    struct Options {
        std::set<std::string, std::less<>> loopback_users{"guest"};
        HashingAlgorithm default_algorithm = HashingAlgorithm::argon2id; // unknown users take the time of this one
        std::size_t max_pending = 256;
        std::vector<std::string> mechanisms{"PLAIN",
                                            "AMQPLAIN"}; // offered in this order; also ANONYMOUS [P15], EXTERNAL [P13]
        Credentials anonymous{};                         // whom a client of ANONYMOUS becomes; no name: none
    };

    UserStoreAuthenticator(const UserStore& users, RunInBackground run_in_background, Options options);
    UserStoreAuthenticator(const UserStore& users, RunInBackground run_in_background);

    std::string_view mechanisms() const override;
    std::string_view mechanisms_with_certificate() const override;
    void authenticate(std::string_view mechanism, std::string_view response, const PeerAddress& peer,
                      Done done) override;
    void authenticate_certificate(std::string_view user, const PeerAddress& peer, Done done) override;
    void authenticate_password(std::string_view user, std::string_view password, const PeerAddress& peer,
                               Done done) override;
    UserPtr find_user(std::string_view name) const override;
    PermissionsPtr permissions(std::string_view user, std::string_view virtual_host) const override;
    std::uint64_t generation() const override;

 private:
    struct Login; // one attempt

    amqp::Result<Credentials> credentials_of(std::string_view mechanism, std::string_view response) const;
    void check(Login login, Done done);
    void check_slowly(Login login, Done done);
    AuthResult verdict(const Login& login, bool password_matches) const;
    AuthResult admit(UserPtr user, const PeerAddress& peer) const;

    const UserStore& users_;
    RunInBackground run_in_background_;
    Options options_;
    std::string mechanisms_; // separated by spaces
    std::string mechanisms_with_certificate_;
    VerifiedCredentials verified_;
    std::atomic<std::size_t> pending_{0};
};

} // namespace broker
