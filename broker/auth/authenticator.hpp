// Who is there, and what may they do: all that sessions and the HTTP API need to know about users. One object for the
// whole process, used from every thread; an interface so that sessions are tested without users and hashes.
#pragma once

#include "broker/auth/peer_address.hpp"
#include "broker/auth/permissions.hpp"
#include "broker/auth/user.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace broker {

struct AuthResult {
    enum class Status : std::uint8_t {
        accepted,
        refused,           // wrong password, unknown user: 403 or silence [P17]
        loopback_only,     // the password is right, but from another machine: answered as `refused` [P18]
        malformed,         // the response cannot be parsed: the connection ends in silence [P11, P12, P22]
        unknown_mechanism, // not offered: the same [P16, P22]
    };
    Status status = Status::refused;
    UserPtr user; // set when accepted
    // Set when not: "PLAIN login refused: user 'x' - invalid credentials". For the log, never for the peer.
    std::string log_text;
    std::string user_name = {}; // whose login it was, as far as it could be read; also of a refused one

    bool accepted() const { return status == Status::accepted; }
};

class Authenticator {
 public:
    // Called exactly once: before authenticate returns, on the same thread, or later on a thread of the hashing pool.
    // It must not block; sessions post the result to their own thread.
    using Done = std::function<void(AuthResult)>;

    virtual ~Authenticator() = default;

    // The mechanisms offered in connection.start, separated by spaces. EXTERNAL is for those alone whose certificate
    // TLS has verified.
    virtual std::string_view mechanisms() const = 0;
    virtual std::string_view mechanisms_with_certificate() const = 0;
    // connection.start-ok. The views are not used after the call has returned.
    virtual void authenticate(std::string_view mechanism, std::string_view response, const PeerAddress& peer,
                              Done done) = 0;
    // EXTERNAL [P13]: TLS has verified a certificate that names this user.
    virtual void authenticate_certificate(std::string_view user, const PeerAddress& peer, Done done) = 0;
    // HTTP Basic.
    virtual void authenticate_password(std::string_view user, std::string_view password, const PeerAddress& peer,
                                       Done done) = 0;

    // The user as of now; null when deleted.
    virtual UserPtr find_user(std::string_view name) const = 0;
    // Null: the user does not exist or has no access to the virtual host [P20]. Every caller gets its own.
    virtual PermissionsPtr permissions(std::string_view user, std::string_view virtual_host) const = 0;
    // Another number after any change of any user: a cheap question to ask once per batch. If it has changed, compare
    // find_user(name)->version with the one in hand.
    virtual std::uint64_t generation() const = 0;
};

} // namespace broker
