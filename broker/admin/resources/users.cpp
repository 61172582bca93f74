// Users: listing, making, deleting. Passwords are hashed in the background.
#include "broker/admin/body.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/session_list.hpp"
#include "broker/admin/tags.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/user_changes.hpp"
#include "broker/admin/user_json.hpp"

#include <boost/json/array.hpp>

#include <optional>

namespace broker {
namespace {

namespace json = boost::json;

constexpr std::string_view protected_tag = "protected"; // not to be changed over HTTP

template <class Filter>
HttpResult list(Api& api, const HttpRequest& request, Filter filter) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        return listing.error();
    }
    json::array items;
    const UserTablePtr users = api.node.users().table();
    for (const UserPtr& user : *users) {
        if (filter(*user)) {
            items.push_back(user_json(*user));
        }
    }
    return page_response(std::move(items), *listing);
}

amqp::Result<UserDefinition> definition_of(const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        return body.error();
    }
    return read_user(*body, request.parameter("user"));
}

bool is_protected(Api& api, std::string_view user) {
    const UserPtr found = api.node.users().table()->find(user);
    return found != nullptr && found->has_tag(protected_tag);
}

amqp::Error protected_error(std::string_view user) {
    return amqp::precondition_failed("user '" + std::string(user) + "' is protected");
}

boost::asio::awaitable<void> close_all_of(Api& api, UserPtr who, const std::string& user, const char* what) {
    const SessionFilter his = [user](const SessionSnapshot& session) { return session.user == user; };
    co_await close_sessions(api, who, his, "user '" + user + "' " + what);
}

PasswordHash current_hash(Api& api, std::string_view user) {
    const UserPtr found = api.node.users().table()->find(user);
    return found == nullptr ? PasswordHash() : found->password_hash;
}

// Deletes the user, and closes what connections he has.
boost::asio::awaitable<amqp::Result<>> remove(Api& api, UserPtr who, std::string user) {
    if (is_protected(api, user)) {
        co_return protected_error(user);
    }
    Node::UserChange erase = [user](UserStore& users, storage::Batch& batch) {
        const auto deleted = users.delete_user(user, batch);
        return deleted ? amqp::Result<Put>(Put::replaced) : amqp::Result<Put>(deleted.error());
    };
    const auto done = co_await change_users(api, *who, std::move(erase));
    if (!done) {
        co_return done.error();
    }
    co_await close_all_of(api, who, user, "is deleted");
    co_return amqp::Result<>();
}

} // namespace

HttpAnswer list_users(Api& api, const HttpRequest& request) {
    co_return list(api, request, [](const User&) { return true; });
}

HttpAnswer list_users_without_permissions(Api& api, const HttpRequest& request) {
    co_return list(api, request, [](const User& user) { return user.permissions.empty(); });
}

HttpAnswer get_user(Api& api, const HttpRequest& request) {
    const UserPtr user = api.node.users().table()->find(request.parameter("user"));
    co_return user == nullptr ? HttpResponse::not_found() : HttpResponse::json(user_json(*user));
}

HttpAnswer put_user(Api& api, const HttpRequest& request) {
    auto definition = definition_of(request);
    if (!definition) {
        co_return definition.error();
    }
    if (is_protected(api, definition->name)) {
        co_return protected_error(definition->name);
    }
    const auto hash = co_await hash_password_of(api, *definition);
    if (!hash) {
        co_return hash.error();
    }
    Node::UserChange put = [definition = *definition, hash = *hash](UserStore& users, storage::Batch& batch) {
        return users.put_user(definition, hash, batch);
    };
    const PasswordHash old_hash = current_hash(api, definition->name);
    const auto done = co_await change_users(api, *request.user, std::move(put));
    if (done && api.options.password_change_closes && old_hash != current_hash(api, definition->name)) {
        co_await close_all_of(api, request.user, definition->name, "has another password");
    }
    co_return done ? HttpResult(HttpResponse::put(*done == Put::created)) : HttpResult(done.error());
}

HttpAnswer delete_user(Api& api, const HttpRequest& request) {
    const auto done = co_await remove(api, request.user, request.parameter("user"));
    co_return done ? HttpResult(HttpResponse::no_content()) : HttpResult(done.error());
}

HttpAnswer delete_users(Api& api, const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        co_return body.error();
    }
    const json::value* users = BodyFields(*body).find("users");
    if (users == nullptr || !users->is_array()) {
        co_return amqp::precondition_failed("[{key_missing,users}]");
    }
    for (const json::value& user : users->get_array()) {
        if (!user.is_string()) {
            co_return amqp::precondition_failed("a user's name is not a string");
        }
        const auto done = co_await remove(api, request.user, std::string(user.get_string()));
        if (!done && done.error().code != amqp::ReplyCode::not_found) {
            co_return done.error();
        }
    }
    co_return HttpResponse::no_content();
}

} // namespace broker
