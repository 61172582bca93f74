// AMQP connections: listing and closing.
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/session_list.hpp"

namespace broker {
namespace {

namespace json = boost::json;

constexpr std::string_view default_reason = "Closed via management plugin";

SessionFilter of_user(const HttpRequest& request) {
    return [user = request.parameter("user")](const SessionSnapshot& session) { return session.user == user; };
}

SessionFilter named(const HttpRequest& request) {
    return [name = request.parameter("connection")](const SessionSnapshot& session) { return session.name == name; };
}

SessionFilter in_virtual_host(const HttpRequest& request) {
    return [name = request.parameter("vhost")](const SessionSnapshot& session) { return session.virtual_host == name; };
}

HttpAnswer list(Api& api, const HttpRequest& request, SessionFilter filter) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    const auto sessions = co_await list_sessions(api, request.user, std::move(filter));
    co_return answer_connections(api, sessions, *listing);
}

std::string reason_of(const HttpRequest& request) {
    return request.reason.empty() ? std::string(default_reason) : request.reason;
}

} // namespace

HttpAnswer list_connections(Api& api, const HttpRequest& request) {
    return list(api, request, {});
}

HttpAnswer list_connections_of_user(Api& api, const HttpRequest& request) {
    return list(api, request, of_user(request));
}

HttpAnswer list_connections_of_virtual_host(Api& api, const HttpRequest& request) {
    return list(api, request, in_virtual_host(request));
}

HttpAnswer get_connection(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    const auto sessions = co_await list_sessions(api, request.user, named(request));
    if (sessions.empty()) {
        co_return HttpResponse::not_found();
    }
    const json::object object = describe_connection(api, sessions.front(), listing->ranges);
    co_return HttpResponse::json(with_columns(object, *listing));
}

HttpAnswer close_connection(Api& api, const HttpRequest& request) {
    const std::size_t closed = co_await close_sessions(api, request.user, named(request), reason_of(request));
    co_return closed > 0 ? HttpResponse::no_content() : HttpResponse::not_found();
}

HttpAnswer close_connections_of_user(Api& api, const HttpRequest& request) {
    co_await close_sessions(api, request.user, of_user(request), reason_of(request));
    co_return HttpResponse::no_content();
}

} // namespace broker
