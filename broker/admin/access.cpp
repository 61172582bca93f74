#include "broker/admin/access.hpp"

namespace broker {

bool has_tag(const User& user, Tag tag) {
    switch (tag) {
    case Tag::management:
        return user.is_management();
    case Tag::monitoring:
        return user.is_monitoring();
    case Tag::policymaker:
        return user.is_policymaker();
    case Tag::administrator:
        return user.is_administrator();
    }
    return false;
}

std::string_view refusal(Tag tag) {
    switch (tag) {
    case Tag::management:
        return "Not management user";
    case Tag::monitoring:
        return "Not monitor user";
    case Tag::policymaker:
        return "Not policymaker";
    case Tag::administrator:
        return "Not administrator user";
    }
    return {};
}

bool has_access(const User& user, std::string_view virtual_host, HostAccess access) {
    return access == HostAccess::none || user.is_administrator() || user.permissions.contains(virtual_host) ||
           (access == HostAccess::visible && user.is_monitoring());
}

std::vector<VirtualHostPtr> visible_virtual_hosts(Api& api, const User& user) {
    std::vector<VirtualHostPtr> virtual_hosts = api.node.virtual_hosts();
    std::erase_if(virtual_hosts, [&](const VirtualHostPtr& virtual_host) {
        return !has_access(user, virtual_host->name(), HostAccess::visible);
    });
    return virtual_hosts;
}

amqp::Result<> check_access(Api& api, const User& user, std::string_view virtual_host, Access access,
                            std::string_view kind, std::string_view name) {
    const PermissionsPtr permissions = api.node.authenticator().permissions(user.name, virtual_host);
    if (permissions != nullptr && permissions->allows(access, name)) {
        return {};
    }
    return access_refused_error(access, kind, name.empty() ? "amq.default" : name, virtual_host, user.name);
}

amqp::Result<> check_dead_letter_exchange(Api& api, const User& user, std::string_view virtual_host,
                                          std::string_view queue, const amqp::FieldTable& arguments) {
    const amqp::FieldValue* exchange = arguments.find("x-dead-letter-exchange");
    if (exchange == nullptr || exchange->as_string() == nullptr) {
        return {}; // of another type: the virtual host says so
    }
    auto readable = check_access(api, user, virtual_host, Access::read, "queue", queue);
    return readable ? check_access(api, user, virtual_host, Access::write, "exchange", *exchange->as_string())
                    : readable;
}

boost::asio::awaitable<amqp::Result<>> check_topic_access(Api& api, VirtualHostPtr virtual_host, UserPtr user,
                                                          Access access, std::string exchange,
                                                          std::string routing_key) {
    auto is_topic = [exchange](VirtualHost& host) {
        const Exchange* found = host.find_exchange(exchange);
        return found != nullptr && found->definition().type == TopicRouter::type;
    };
    const bool topic = co_await on_strand(api, virtual_host, std::move(is_topic));
    const PermissionsPtr permissions = api.node.authenticator().permissions(user->name, virtual_host->name());
    if (!topic || permissions == nullptr || permissions->allows_topic(access, exchange, routing_key)) {
        co_return amqp::Result<>();
    }
    co_return topic_access_refused_error(access, routing_key, exchange, virtual_host->name(), user->name);
}

} // namespace broker
