// May the user of this connection do this? Owned by the Session and asked by its channels, on the connection's network
// thread. Notices, once per turn, when the user's permissions have changed. It knows names only, nothing of what
// exists.
#pragma once

#include "broker/auth/authenticator.hpp"
#include "broker/core/topic_guard.hpp"
#include "protocol/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace broker {

class AccessControl {
 public:
    explicit AccessControl(const Authenticator& authenticator) : authenticator_(authenticator) {}

    void login(UserPtr user) { user_ = std::move(user); }
    void enter(std::string_view virtual_host);
    bool refresh(); // looks whether anything about the user has changed

    // The names that errors speak of.
    const std::string& user_name() const { return user_name_of(user_); }
    const std::string& virtual_host() const { return virtual_host_; }
    const User& user() const { return *user_; }

    // Another number when an answer may be another one.
    std::uint64_t revision() const { return revision_; }

    // What the virtual host has to be told about topics: nothing if it knows, else a guard or its absence.
    std::optional<TopicGuardPtr> take_topic_guard();

    amqp::Result<> check_queue(Access access, std::string_view queue) { return check(access, "queue", queue); }
    amqp::Result<> check_exchange(Access access, std::string_view exchange);
    // Whether it is there may be known by whoever may do anything with it.
    amqp::Result<> check_any_for_queue(std::string_view queue) { return check_any("queue", queue); }
    amqp::Result<> check_any_for_exchange(std::string_view exchange) { return check_any("exchange", exchange); }

 private:
    static const std::string& user_name_of(const UserPtr& user);
    amqp::Result<> check(Access access, std::string_view kind, std::string_view name);
    amqp::Result<> check_any(std::string_view kind, std::string_view name);

    const Authenticator& authenticator_;
    UserPtr user_;
    std::string virtual_host_;
    PermissionsPtr permissions_; // null: none at all
    std::uint64_t generation_ = 0;
    std::uint64_t revision_ = 0;
    std::uint64_t guarded_revision_ = 0; // the one that the virtual host has been told of
    bool guarded_ = false;               // and whether it has a guard
};

} // namespace broker
