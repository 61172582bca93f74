#include "broker/session/access_control.hpp"

#include "broker/session/topic_restrictions.hpp"

#include <utility>

namespace broker {

void AccessControl::enter(std::string_view virtual_host) {
    virtual_host_ = virtual_host;
    generation_ = authenticator_.generation();
    permissions_ = authenticator_.permissions(user_name(), virtual_host_);
    ++revision_;
}

bool AccessControl::refresh() {
    const std::uint64_t generation = authenticator_.generation();
    if (generation == generation_ || virtual_host_.empty()) {
        return false;
    }
    generation_ = generation;
    UserPtr user = authenticator_.find_user(user_name());
    if (user != nullptr && user->version == user_->version) {
        return false;
    }
    if (user != nullptr) {
        user_ = std::move(user); // a deleted user's connection is closed by the broker; until then it may do nothing
    }
    permissions_ = authenticator_.permissions(user_name(), virtual_host_);
    ++revision_;
    return true;
}

std::optional<TopicGuardPtr> AccessControl::take_topic_guard() {
    if (std::exchange(guarded_revision_, revision_) == revision_) {
        return std::nullopt;
    }
    const bool restricted = permissions_ != nullptr && permissions_->restricts_topics();
    if (!std::exchange(guarded_, restricted) && !restricted) {
        return std::nullopt;
    }
    if (!restricted) {
        return TopicGuardPtr();
    }
    // A copy of its own: ours remembers answers, and belongs to this thread.
    PermissionsPtr permissions = authenticator_.permissions(user_name(), virtual_host_);
    if (permissions == nullptr) {
        return TopicGuardPtr(); // all gone in this moment: nothing is permitted any more anyway
    }
    return std::make_shared<TopicRestrictions>(std::move(permissions), user_name(), virtual_host_);
}

amqp::Result<> AccessControl::check_exchange(Access access, std::string_view exchange) {
    return check(access, "exchange", exchange.empty() ? "amq.default" : exchange);
}

const std::string& AccessControl::user_name_of(const UserPtr& user) {
    static const std::string nobody;
    return user == nullptr ? nobody : user->name;
}

amqp::Result<> AccessControl::check(Access access, std::string_view kind, std::string_view name) {
    if (permissions_ != nullptr && permissions_->allows(access, name)) {
        return {};
    }
    return access_refused_error(access, kind, name, virtual_host_, user_name());
}

amqp::Result<> AccessControl::check_any(std::string_view kind, std::string_view name) {
    const bool other = check(Access::read, kind, name) || check(Access::write, kind, name);
    return other ? amqp::Result<>() : check(Access::configure, kind, name);
}

} // namespace broker
