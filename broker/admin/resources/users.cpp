// Users: listing, making, deleting. Passwords are hashed in the background.
#include "broker/admin/listing.hpp"
#include "broker/admin/body.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/session_list.hpp"
#include "broker/admin/tags.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/user_changes.hpp"

#include <boost/json/array.hpp>

#include <optional>

namespace broker {
namespace {

namespace json = boost::json;

constexpr std::string_view protected_tag = "protected"; // not to be changed over HTTP

json::object user_json(const User& user) {
    json::object limits;
    for (const auto& [limit, value] : user.limits) {
        limits[limit] = value;
    }
    return {{"name", json_text(user.name)},
            {"password_hash", user.password_hash.text},
            {"hashing_algorithm", name(user.password_hash.algorithm)},
            {"tags", tags_json(user.tags)},
            {"limits", std::move(limits)}};
}

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

void read_limits(BodyFields& fields, UserDefinition& definition) {
    const json::value* value = fields.find("limits");
    if (value == nullptr) {
        return;
    }
    if (!value->is_object()) {
        return fields.fail("the value of 'limits' is not an object");
    }
    definition.limits.emplace();
    BodyFields limits(value->get_object());
    for (const auto& [limit, number] : value->get_object()) {
        (*definition.limits)[limit] = limits.integer(limit).value_or(-1);
    }
    if (limits.error()) {
        fields.fail(limits.error()->text);
    }
}

amqp::Result<UserDefinition> definition_of(const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        return body.error();
    }
    UserDefinition definition;
    BodyFields fields(*body);
    definition.name = request.parameter("user");
    definition.password = fields.text("password");
    definition.password_hash = fields.text("password_hash");
    definition.hashing_algorithm = fields.text("hashing_algorithm").value_or("");
    definition.tags = read_tags(fields);
    if (!definition.tags && fields.find("administrator") != nullptr) { // as it was before there were tags
        definition.tags = fields.boolean("administrator") ? std::vector<std::string>{"administrator"}
                                                          : std::vector<std::string>{};
    }
    read_limits(fields, definition);
    if (fields.error()) {
        return *fields.error();
    }
    if (auto valid = check_definition(definition); !valid) {
        return valid.error();
    }
    return definition;
}

boost::asio::awaitable<amqp::Result<PasswordHash>> hash_in_background(Api& api, UserDefinition definition) {
    return wait_for<amqp::Result<PasswordHash>>(api.io, [&api, definition = std::move(definition)](auto done) mutable {
        boost::asio::post(api.hashing, [definition = std::move(definition), done = std::move(done),
                                        algorithm = api.options.password_hashing] {
            done(password_hash_of(definition, algorithm));
        });
    });
}

bool is_protected(Api& api, std::string_view user) {
    const UserPtr found = api.node.users().table()->find(user);
    return found != nullptr && found->has_tag(protected_tag);
}

amqp::Error protected_error(std::string_view user) {
    return amqp::precondition_failed("user '" + std::string(user) + "' is protected");
}

// Deletes the user, and closes what connections he has.
boost::asio::awaitable<amqp::Result<>> remove(Api& api, UserPtr who, std::string user) {
    if (is_protected(api, user)) {
        co_return protected_error(user);
    }
    const auto done = co_await change_users(api, [user](UserStore& users, storage::Batch& batch) {
        const auto deleted = users.delete_user(user, batch);
        return deleted ? amqp::Result<Put>(Put::replaced) : amqp::Result<Put>(deleted.error());
    });
    if (!done) {
        co_return done.error();
    }
    const SessionFilter his = [user](const SessionSnapshot& session) { return session.user == user; };
    co_await close_sessions(api, who, his, "user '" + user + "' is deleted");
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
    const auto hash = co_await hash_in_background(api, *definition);
    if (!hash) {
        co_return hash.error();
    }
    const auto done =
        co_await change_users(api, [definition = *definition, hash = *hash](UserStore& users, storage::Batch& batch) {
            return users.put_user(definition, hash, batch);
        });
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
