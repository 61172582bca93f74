// What has changed between two states of all users, and what a new virtual host is like, as events for
// amq.rabbitmq.event. Pure functions.
#pragma once

#include "broker/auth/user_table.hpp"
#include "protocol/field_table.hpp"
#include "storage/records.hpp"

#include <string_view>
#include <vector>

namespace broker {

struct UserEvent {
    std::string_view key; // "user.created"
    amqp::FieldTable headers;
};

std::vector<UserEvent> user_events(const UserTable& before, const UserTable& after);
amqp::FieldTable virtual_host_headers(const storage::VirtualHostRecord& record, std::string_view node);

} // namespace broker
