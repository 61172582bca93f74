// Limits of virtual hosts and of users.
#include "broker/admin/access.hpp"
#include "broker/admin/body.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/settings_changes.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/user_changes.hpp"

#include <boost/json/array.hpp>

namespace broker {
namespace {

namespace json = boost::json;

template <class Limits>
json::object limits_json(const Limits& limits) {
    json::object object;
    for (const auto& [limit, value] : limits) {
        object[limit] = value;
    }
    return object;
}

amqp::Result<std::int64_t> read_value(const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        return body.error();
    }
    BodyFields fields(*body);
    fields.require({"value"});
    const auto value = fields.integer("value");
    if (!fields.error() && !value) {
        fields.fail("the value of 'value' is not an integer");
    }
    if (fields.error()) {
        return *fields.error();
    }
    return *value;
}

HttpAnswer list(Api& api, const HttpRequest& request, std::vector<VirtualHostPtr> virtual_hosts) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    json::array items;
    for (const VirtualHostPtr& virtual_host : virtual_hosts) {
        const auto limits =
            co_await on_strand(api, virtual_host, [](VirtualHost& host) { return host.settings().limits(); });
        if (!limits.empty()) {
            items.push_back(json::object{{"vhost", json_text(virtual_host->name())}, {"value", limits_json(limits)}});
        }
    }
    co_return list_response(std::move(items), *listing);
}

void add_limits(const User& user, json::array& items) {
    if (!user.limits.empty()) {
        items.push_back(json::object{{"user", json_text(user.name)}, {"value", limits_json(user.limits)}});
    }
}

} // namespace

HttpAnswer list_virtual_host_limits(Api& api, const HttpRequest& request) {
    return list(api, request, visible_virtual_hosts(api, *request.user));
}

HttpAnswer list_limits_of_virtual_host(Api& api, const HttpRequest& request) {
    return list(api, request, {api.node.find_virtual_host(request.parameter("vhost"))});
}

HttpAnswer put_virtual_host_limit(Api& api, const HttpRequest& request) {
    const auto value = read_value(request);
    if (!value) {
        co_return value.error();
    }
    VirtualHost::SettingsChange set = [limit = request.parameter("name"), value = *value](VirtualHostSettings& settings,
                                                                                          storage::Batch& batch) {
        return settings.put_limit(limit, value, batch);
    };
    VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto created = co_await change_settings(api, *request.user, std::move(virtual_host), std::move(set));
    co_return created ? HttpResult(HttpResponse::no_content()) : HttpResult(created.error());
}

// Deleting one that is not there succeeds, as it does in RabbitMQ.
HttpAnswer delete_virtual_host_limit(Api& api, const HttpRequest& request) {
    VirtualHost::SettingsChange clear = [limit = request.parameter("name")](VirtualHostSettings& settings,
                                                                            storage::Batch& batch) {
        return amqp::Result<bool>(settings.delete_limit(limit, batch));
    };
    VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto deleted = co_await change_settings(api, *request.user, std::move(virtual_host), std::move(clear));
    co_return deleted ? HttpResult(HttpResponse::no_content()) : HttpResult(deleted.error());
}

HttpAnswer list_user_limits(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    json::array items;
    const UserTablePtr users = api.node.users().table();
    for (const UserPtr& user : *users) {
        add_limits(*user, items);
    }
    co_return list_response(std::move(items), *listing);
}

HttpAnswer list_limits_of_user(Api& api, const HttpRequest& request) {
    const UserPtr user = api.node.users().table()->find(request.parameter("user"));
    if (user == nullptr) {
        co_return HttpResponse::not_found();
    }
    json::array items;
    add_limits(*user, items);
    co_return HttpResponse::json(items);
}

HttpAnswer put_user_limit(Api& api, const HttpRequest& request) {
    const auto value = read_value(request);
    if (!value) {
        co_return value.error();
    }
    Node::UserChange change = [user = request.parameter("user"), limit = request.parameter("name"),
                               value = *value](UserStore& users, storage::Batch& batch) -> amqp::Result<Put> {
        if (auto set = users.set_limit(user, limit, value, batch); !set) {
            return set.error();
        }
        return Put::replaced;
    };
    const auto done = co_await change_users(api, *request.user, std::move(change));
    co_return done ? HttpResult(HttpResponse::no_content()) : HttpResult(done.error());
}

HttpAnswer delete_user_limit(Api& api, const HttpRequest& request) {
    Node::UserChange change = [user = request.parameter("user"), limit = request.parameter("name")](
                                  UserStore& users, storage::Batch& batch) -> amqp::Result<Put> {
        if (auto cleared = users.clear_limit(user, limit, batch); !cleared) {
            return cleared.error();
        }
        return Put::replaced;
    };
    const auto done = co_await change_users(api, *request.user, std::move(change));
    co_return done ? HttpResult(HttpResponse::no_content()) : HttpResult(done.error());
}

} // namespace broker
