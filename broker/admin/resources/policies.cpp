// Policies and operator policies: the same in everything but who may set what.
#include "broker/admin/access.hpp"
#include "broker/admin/body.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/policy_json.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/settings_changes.hpp"

#include <boost/json/array.hpp>

namespace broker {
namespace {

namespace json = boost::json;

boost::asio::awaitable<std::vector<PolicyPtr>> policies_of(Api& api, VirtualHostPtr virtual_host, PolicyKind kind) {
    return on_strand(api, std::move(virtual_host), [kind](VirtualHost& host) {
        std::vector<PolicyPtr> copies;
        for (const PolicySet::Entry& entry : host.settings().policies().of(kind).entries()) {
            copies.push_back(entry.policy);
        }
        return copies;
    });
}

HttpAnswer list(Api& api, const HttpRequest& request, PolicyKind kind, std::vector<VirtualHostPtr> virtual_hosts) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    json::array items;
    for (const VirtualHostPtr& virtual_host : virtual_hosts) {
        const auto policies = co_await policies_of(api, virtual_host, kind);
        for (const PolicyPtr& policy : policies) {
            items.push_back(policy_json(*policy, virtual_host->name()));
        }
    }
    co_return list_response(std::move(items), *listing);
}

HttpAnswer list_all(Api& api, const HttpRequest& request, PolicyKind kind) {
    return list(api, request, kind, visible_virtual_hosts(api, *request.user));
}

HttpAnswer list_of_host(Api& api, const HttpRequest& request, PolicyKind kind) {
    return list(api, request, kind, {api.node.find_virtual_host(request.parameter("vhost"))});
}

HttpAnswer get(Api& api, const HttpRequest& request, PolicyKind kind) {
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    auto find = [kind, name = request.parameter("name")](VirtualHost& host) {
        return host.settings().policies().of(kind).find(name);
    };
    const auto policy = co_await on_strand(api, virtual_host, std::move(find));
    co_return policy == nullptr ? HttpResponse::not_found()
                                : HttpResponse::json(policy_json(*policy, virtual_host->name()));
}

HttpAnswer put(Api& api, const HttpRequest& request, PolicyKind kind) {
    const auto body = decode_body(request.body);
    if (!body) {
        co_return body.error();
    }
    auto policy = read_policy(*body, request.parameter("name"), kind);
    if (!policy) {
        co_return policy.error();
    }
    VirtualHost::SettingsChange set = [kind, policy = std::move(*policy)](VirtualHostSettings& settings,
                                                                          storage::Batch& batch) {
        return settings.put_policy(kind, policy, batch);
    };
    VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto created = co_await change_settings(api, *request.user, std::move(virtual_host), std::move(set));
    co_return put_response(created);
}

HttpAnswer remove(Api& api, const HttpRequest& request, PolicyKind kind) {
    VirtualHost::SettingsChange erase = [kind, name = request.parameter("name")](VirtualHostSettings& settings,
                                                                                 storage::Batch& batch) {
        return amqp::Result<bool>(settings.delete_policy(kind, name, batch));
    };
    VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto deleted = co_await change_settings(api, *request.user, std::move(virtual_host), std::move(erase));
    co_return delete_response(deleted);
}

} // namespace

HttpAnswer list_policies(Api& api, const HttpRequest& request) {
    return list_all(api, request, PolicyKind::user);
}
HttpAnswer list_policies_of_virtual_host(Api& api, const HttpRequest& request) {
    return list_of_host(api, request, PolicyKind::user);
}
HttpAnswer get_policy(Api& api, const HttpRequest& request) {
    return get(api, request, PolicyKind::user);
}
HttpAnswer put_policy(Api& api, const HttpRequest& request) {
    return put(api, request, PolicyKind::user);
}
HttpAnswer delete_policy(Api& api, const HttpRequest& request) {
    return remove(api, request, PolicyKind::user);
}

HttpAnswer list_operator_policies(Api& api, const HttpRequest& request) {
    return list_all(api, request, PolicyKind::operators);
}
HttpAnswer list_operator_policies_of_virtual_host(Api& api, const HttpRequest& request) {
    return list_of_host(api, request, PolicyKind::operators);
}
HttpAnswer get_operator_policy(Api& api, const HttpRequest& request) {
    return get(api, request, PolicyKind::operators);
}
HttpAnswer put_operator_policy(Api& api, const HttpRequest& request) {
    return put(api, request, PolicyKind::operators);
}
HttpAnswer delete_operator_policy(Api& api, const HttpRequest& request) {
    return remove(api, request, PolicyKind::operators);
}

} // namespace broker
