#include "broker/auth/user_store_authenticator.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace broker {

struct UserStoreAuthenticator::Login {
    std::string mechanism; // as it is named in the log
    std::string user_name;
    std::string password;
    PeerAddress peer;
    UserPtr user; // null when unknown
};

namespace {

constexpr std::string_view anonymous_mechanism = "ANONYMOUS";
constexpr std::string_view external_mechanism = "EXTERNAL";
constexpr std::size_t max_logged_name_size = 255;

AuthResult refused(AuthResult::Status status, std::string log_text) {
    return {status, nullptr, std::move(log_text), {}};
}

AuthResult invalid_credentials(std::string_view mechanism, std::string_view user, std::string_view reason) {
    std::string text(mechanism);
    text.append(" login refused: user '").append(user.substr(0, max_logged_name_size)).append("' - ").append(reason);
    AuthResult result = refused(AuthResult::Status::refused, std::move(text));
    result.user_name = user.substr(0, max_logged_name_size);
    return result;
}

} // namespace

UserStoreAuthenticator::UserStoreAuthenticator(const UserStore& users, RunInBackground run_in_background,
                                               Options options)
    : users_(users),
      run_in_background_(std::move(run_in_background)),
      options_(std::move(options)) {
    dummy_hash(options_.default_algorithm); // made now rather than during somebody's login
    if (options_.anonymous.user.empty()) {
        std::erase(options_.mechanisms, anonymous_mechanism);
    }
    const auto add = [](std::string& list, const std::string& mechanism) {
        list.append(list.empty() ? "" : " ").append(mechanism);
    };
    for (const std::string& mechanism : options_.mechanisms) {
        add(mechanisms_with_certificate_, mechanism);
        if (mechanism != external_mechanism) {
            add(mechanisms_, mechanism);
        }
    }
}

UserStoreAuthenticator::UserStoreAuthenticator(const UserStore& users, RunInBackground run_in_background)
    : UserStoreAuthenticator(users, std::move(run_in_background), Options{}) {}

std::string_view UserStoreAuthenticator::mechanisms() const {
    return mechanisms_;
}

std::string_view UserStoreAuthenticator::mechanisms_with_certificate() const {
    return mechanisms_with_certificate_;
}

void UserStoreAuthenticator::authenticate_certificate(std::string_view user, const PeerAddress& peer, Done done) {
    if (std::ranges::find(options_.mechanisms, external_mechanism) == options_.mechanisms.end()) {
        done(refused(AuthResult::Status::unknown_mechanism, unknown_mechanism(external_mechanism).text));
        return;
    }
    UserPtr known = find_user(user);
    done(known ? admit(std::move(known), peer)
               : invalid_credentials(external_mechanism, user, "the certificate names no user"));
}

amqp::Result<Credentials> UserStoreAuthenticator::credentials_of(std::string_view mechanism,
                                                                 std::string_view response) const {
    if (std::ranges::find(options_.mechanisms, mechanism) == options_.mechanisms.end()) {
        return unknown_mechanism(mechanism);
    }
    if (mechanism == anonymous_mechanism) {
        return options_.anonymous; // the response is a trace of the client's own choice, and ignored
    }
    return parse_sasl_response(mechanism, response);
}

void UserStoreAuthenticator::authenticate(std::string_view mechanism, std::string_view response,
                                          const PeerAddress& peer, Done done) {
    auto credentials = credentials_of(mechanism, response);
    if (!credentials) {
        const bool unknown = credentials.error().code == amqp::ReplyCode::command_invalid;
        const auto status = unknown ? AuthResult::Status::unknown_mechanism : AuthResult::Status::malformed;
        done(refused(status, credentials.error().text));
        return;
    }
    UserPtr user = find_user(credentials->user);
    check(
        {std::string(mechanism), std::move(credentials->user), std::move(credentials->password), peer, std::move(user)},
        std::move(done));
}

void UserStoreAuthenticator::authenticate_password(std::string_view user, std::string_view password,
                                                   const PeerAddress& peer, Done done) {
    check({"HTTP", std::string(user), std::string(password.substr(0, max_password_size + 1)), peer, find_user(user)},
          std::move(done));
}

void UserStoreAuthenticator::check(Login login, Done done) {
    // Unknown users and users without a password take the time of a wrong password.
    const bool can_match = login.user != nullptr && !login.user->password_hash.empty();
    const PasswordHash& hash = can_match ? login.user->password_hash : dummy_hash(options_.default_algorithm);
    if (!hash.is_slow()) {
        const bool matches = verify_password(hash, login.password) && can_match;
        done(verdict(login, matches));
    } else if (can_match && verified_.contains(*login.user, login.password)) {
        done(verdict(login, true));
    } else {
        check_slowly(std::move(login), std::move(done));
    }
}

void UserStoreAuthenticator::check_slowly(Login login, Done done) {
    if (pending_.fetch_add(1) >= options_.max_pending) {
        pending_.fetch_sub(1);
        done(invalid_credentials(login.mechanism, login.user_name, "too many logins are being checked"));
        return;
    }
    run_in_background_([this, login = std::move(login), done = std::move(done)] {
        const bool can_match = login.user != nullptr && !login.user->password_hash.empty();
        bool matches = false;
        if (!can_match) {
            verify_password(dummy_hash(options_.default_algorithm), login.password);
        } else if (verified_.contains(*login.user, login.password)) { // by a login that was in the queue before
            matches = true;
        } else if (verify_password(login.user->password_hash, login.password)) {
            matches = true;
            verified_.insert(*login.user, login.password);
        }
        pending_.fetch_sub(1);
        done(verdict(login, matches));
    });
}

AuthResult UserStoreAuthenticator::verdict(const Login& login, bool password_matches) const {
    // What was verified is the user as it was; a password changed or a user deleted meanwhile counts.
    UserPtr now = password_matches ? find_user(login.user_name) : nullptr;
    if (!now || now->password_hash != login.user->password_hash) {
        return invalid_credentials(login.mechanism, login.user_name, "invalid credentials");
    }
    return admit(std::move(now), login.peer);
}

AuthResult UserStoreAuthenticator::admit(UserPtr user, const PeerAddress& peer) const {
    if (options_.loopback_users.contains(user->name) && !peer.is_loopback()) {
        return {AuthResult::Status::loopback_only, nullptr, "user '" + user->name + "' can only connect via localhost",
                user->name};
    }
    std::string name = user->name;
    return {AuthResult::Status::accepted, std::move(user), {}, std::move(name)};
}

UserPtr UserStoreAuthenticator::find_user(std::string_view name) const {
    return users_.table()->find(name);
}

PermissionsPtr UserStoreAuthenticator::permissions(std::string_view user, std::string_view virtual_host) const {
    const UserPtr found = find_user(user);
    return found ? Permissions::of(*found, virtual_host) : nullptr;
}

std::uint64_t UserStoreAuthenticator::generation() const {
    return users_.generation();
}

} // namespace broker
