// Permissions of users in virtual hosts.
#include "broker/admin/body.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/user_changes.hpp"

#include <boost/json/array.hpp>

namespace broker {
namespace {

namespace json = boost::json;

json::object permission_json(const User& user, std::string_view virtual_host, const PermissionPatterns& patterns) {
    return {{"user", json_text(user.name)},
            {"vhost", json_text(virtual_host)},
            {"configure", json_text(patterns.configure)},
            {"write", json_text(patterns.write)},
            {"read", json_text(patterns.read)}};
}

// `shown(user, virtual host)` says which.
template <class Filter>
HttpResult list(Api& api, const HttpRequest& request, Filter shown) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        return listing.error();
    }
    json::array items;
    const UserTablePtr users = api.node.users().table();
    for (const UserPtr& user : *users) {
        for (const auto& [virtual_host, patterns] : user->permissions) {
            if (shown(user->name, virtual_host)) {
                items.push_back(permission_json(*user, virtual_host, patterns));
            }
        }
    }
    return list_response(std::move(items), *listing);
}

bool both_exist(Api& api, const HttpRequest& request) {
    return api.node.users().table()->find(request.parameter("user")) != nullptr &&
           api.node.find_virtual_host(request.parameter("vhost")) != nullptr;
}

} // namespace

HttpAnswer list_permissions(Api& api, const HttpRequest& request) {
    co_return list(api, request, [](std::string_view, std::string_view) { return true; });
}

HttpAnswer list_permissions_of_user(Api& api, const HttpRequest& request) {
    const std::string& wanted = request.parameter("user");
    if (api.node.users().table()->find(wanted) == nullptr) {
        co_return HttpResponse::not_found();
    }
    co_return list(api, request, [&](std::string_view user, std::string_view) { return user == wanted; });
}

HttpAnswer list_permissions_of_virtual_host(Api& api, const HttpRequest& request) {
    const std::string& wanted = request.parameter("vhost");
    co_return list(api, request, [&](std::string_view, std::string_view host) { return host == wanted; });
}

HttpAnswer get_permissions(Api& api, const HttpRequest& request) {
    const UserPtr user = api.node.users().table()->find(request.parameter("user"));
    if (user == nullptr || !user->permissions.contains(request.parameter("vhost"))) {
        co_return HttpResponse::not_found();
    }
    const auto found = user->permissions.find(request.parameter("vhost"));
    co_return HttpResponse::json(permission_json(*user, found->first, found->second));
}

HttpAnswer put_permissions(Api& api, const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        co_return body.error();
    }
    BodyFields fields(*body);
    fields.require({"configure", "write", "read"});
    const PermissionPatterns patterns{fields.text("configure").value_or(""), fields.text("write").value_or(""),
                                      fields.text("read").value_or("")};
    if (!both_exist(api, request)) {
        fields.fail("vhost_or_user_not_found");
    }
    if (fields.error()) {
        co_return *fields.error();
    }
    Node::UserChange set = [user = request.parameter("user"), virtual_host = request.parameter("vhost"),
                            patterns](UserStore& users, storage::Batch& batch) {
        return users.set_permissions(user, virtual_host, patterns, batch);
    };
    const auto done = co_await change_users(api, *request.user, std::move(set));
    co_return done ? HttpResult(HttpResponse::put(*done == Put::created)) : HttpResult(done.error());
}

HttpAnswer delete_permissions(Api& api, const HttpRequest& request) {
    Node::UserChange clear = [user = request.parameter("user"),
                              virtual_host = request.parameter("vhost")](UserStore& users, storage::Batch& batch) {
        const auto cleared = users.clear_permissions(user, virtual_host, batch);
        return cleared ? amqp::Result<Put>(Put::replaced) : amqp::Result<Put>(cleared.error());
    };
    const auto done = co_await change_users(api, *request.user, std::move(clear));
    co_return done ? HttpResult(HttpResponse::no_content()) : HttpResult(done.error());
}

} // namespace broker
