// The topic permissions of one user in one virtual host, in the form in which they are handed over. Made by
// AccessControl on the connection's network thread, asked on the strand.
#pragma once

#include "broker/auth/permissions.hpp"
#include "broker/core/topic_guard.hpp"

#include <string>
#include <utility>

namespace broker {

class TopicRestrictions final : public TopicGuard {
 public:
    TopicRestrictions(PermissionsPtr permissions, std::string user, std::string virtual_host)
        : permissions_(std::move(permissions)),
          user_(std::move(user)),
          virtual_host_(std::move(virtual_host)) {}

    amqp::Result<> check_write(std::string_view exchange, std::string_view routing_key) const override {
        return check(Access::write, exchange, routing_key);
    }
    amqp::Result<> check_read(std::string_view exchange, std::string_view routing_key) const override {
        return check(Access::read, exchange, routing_key);
    }

 private:
    amqp::Result<> check(Access access, std::string_view exchange, std::string_view routing_key) const {
        if (permissions_->allows_topic(access, exchange, routing_key)) {
            return {};
        }
        return topic_access_refused_error(access, routing_key, exchange, virtual_host_, user_);
    }

    const PermissionsPtr permissions_;
    const std::string user_;
    const std::string virtual_host_;
};

} // namespace broker
