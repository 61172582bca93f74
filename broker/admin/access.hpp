// Who may do what over HTTP [A11]: tags for routes, rows of permissions for virtual hosts, patterns for what is in
// them. Plain functions.
#pragma once

#include "broker/admin/api.hpp"
#include "broker/auth/permissions.hpp"
#include "broker/auth/user.hpp"
#include "protocol/error.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace broker {

enum class Tag : std::uint8_t { management, monitoring, policymaker, administrator };
bool has_tag(const User& user, Tag tag);
std::string_view refusal(Tag tag); // "Not administrator user"

// What a route with a virtual host in its path asks for.
enum class HostAccess : std::uint8_t {
    none,    // nothing, or there is none in the path
    visible, // reading: monitoring users see all
    usable,  // changing: a row of permissions; administrators need none
};
bool has_access(const User& user, std::string_view virtual_host, HostAccess access);

std::vector<VirtualHostPtr> visible_virtual_hosts(Api& api, const User& user);

// As over AMQP: needs a row of permissions, administrator or not.
amqp::Result<> check_access(Api& api, const User& user, std::string_view virtual_host, Access access,
                            std::string_view kind, std::string_view name);

// Who names a dead letter exchange publishes to it what is in the queue [C5].
amqp::Result<> check_dead_letter_exchange(Api& api, const User& user, std::string_view virtual_host,
                                          std::string_view queue, const amqp::FieldTable& arguments);

// The same for a routing key, if the exchange is one of topics.
boost::asio::awaitable<amqp::Result<>> check_topic_access(Api& api, VirtualHostPtr virtual_host, UserPtr user,
                                                          Access access, std::string exchange, std::string routing_key);

} // namespace broker
