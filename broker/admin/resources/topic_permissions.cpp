// Permissions of users for routing keys of topic exchanges.
#include "broker/admin/body.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/user_changes.hpp"

#include <boost/json/array.hpp>

#include <optional>

namespace broker {
namespace {

namespace json = boost::json;

// `shown(user, virtual host, exchange)` says which.
template <class Filter>
json::array collect(Api& api, Filter shown) {
    json::array items;
    const UserTablePtr users = api.node.users().table();
    for (const UserPtr& user : *users) {
        for (const auto& [virtual_host, exchanges] : user->topic_permissions) {
            for (const auto& [exchange, patterns] : exchanges) {
                if (shown(user->name, virtual_host, exchange)) {
                    items.push_back({{"user", json_text(user->name)},
                                     {"vhost", json_text(virtual_host)},
                                     {"exchange", json_text(exchange)},
                                     {"write", json_text(patterns.write)},
                                     {"read", json_text(patterns.read)}});
                }
            }
        }
    }
    return items;
}

HttpResult list(json::array items, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        return listing.error();
    }
    return list_response(std::move(items), *listing);
}

std::optional<std::string> exchange_of(const HttpRequest& request) {
    for (const auto& [name, value] : request.parameters) {
        if (name == "exchange") {
            return value;
        }
    }
    return std::nullopt;
}

} // namespace

HttpAnswer list_topic_permissions(Api& api, const HttpRequest& request) {
    co_return list(collect(api, [](auto&&...) { return true; }), request);
}

HttpAnswer list_topic_permissions_of_user(Api& api, const HttpRequest& request) {
    const std::string& wanted = request.parameter("user");
    if (api.node.users().table()->find(wanted) == nullptr) {
        co_return HttpResponse::not_found();
    }
    co_return list(collect(api, [&](const auto& user, auto&&...) { return user == wanted; }), request);
}

HttpAnswer list_topic_permissions_of_virtual_host(Api& api, const HttpRequest& request) {
    const std::string& wanted = request.parameter("vhost");
    co_return list(collect(api, [&](const auto&, const auto& host, const auto&) { return host == wanted; }), request);
}

HttpAnswer get_topic_permissions(Api& api, const HttpRequest& request) {
    const auto wanted = exchange_of(request);
    json::array items = collect(api, [&](const auto& user, const auto& host, const auto& exchange) {
        return user == request.parameter("user") && host == request.parameter("vhost") &&
               (!wanted || exchange == *wanted);
    });
    if (items.empty()) {
        co_return HttpResponse::not_found();
    }
    co_return list(std::move(items), request);
}

HttpAnswer put_topic_permissions(Api& api, const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        co_return body.error();
    }
    BodyFields fields(*body);
    fields.require({"exchange", "write", "read"});
    const std::string exchange = fields.short_text("exchange").value_or("");
    const TopicPatterns patterns{fields.text("write").value_or(""), fields.text("read").value_or("")};
    const std::string &user = request.parameter("user"), &virtual_host = request.parameter("vhost");
    if (api.node.users().table()->find(user) == nullptr || api.node.find_virtual_host(virtual_host) == nullptr) {
        fields.fail("vhost_or_user_not_found");
    }
    if (fields.error()) {
        co_return *fields.error();
    }
    Node::UserChange set = [user, virtual_host, exchange, patterns](UserStore& users, storage::Batch& batch) {
        return users.set_topic_permissions(user, virtual_host, exchange, patterns, batch);
    };
    const auto done = co_await change_users(api, *request.user, std::move(set));
    co_return done ? HttpResult(HttpResponse::put(*done == Put::created)) : HttpResult(done.error());
}

HttpAnswer delete_topic_permissions(Api& api, const HttpRequest& request) {
    Node::UserChange clear = [user = request.parameter("user"), virtual_host = request.parameter("vhost"),
                              exchange = exchange_of(request)](UserStore& users, storage::Batch& batch) {
        const auto cleared = users.clear_topic_permissions(user, virtual_host, exchange, batch);
        return cleared ? amqp::Result<Put>(Put::replaced) : amqp::Result<Put>(cleared.error());
    };
    const auto done = co_await change_users(api, *request.user, std::move(clear));
    co_return done ? HttpResult(HttpResponse::no_content()) : HttpResult(done.error());
}

} // namespace broker
