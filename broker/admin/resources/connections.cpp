// AMQP connections: listing and closing.
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/session_list.hpp"

#include <boost/json/array.hpp>

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

json::object describe(Api& api, const SessionSnapshot& session, const SampleRanges& ranges) {
    json::object object = connection_json(session, api.node_name());
    api.rates.put(Rates::Kind::connection, session.name, object, ranges, api.now_ms());
    return object;
}

HttpAnswer list(Api& api, const HttpRequest& request, SessionFilter filter) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    auto sessions = co_await list_sessions(api, request.user, std::move(filter));
    const std::size_t total = sessions.size();
    std::size_t filtered = total;
    if (cuts_by_name(*listing)) {
        std::erase_if(sessions, [&](const SessionSnapshot& each) { return !listing->page->accepts(each.name); });
        filtered = sessions.size();
        const auto slice = slice_of(*listing->page, filtered);
        if (!slice) {
            co_return page_out_of_range(*listing->page, filtered);
        }
        sessions.erase(sessions.begin() + static_cast<std::ptrdiff_t>(slice->first + slice->count), sessions.end());
        sessions.erase(sessions.begin(), sessions.begin() + static_cast<std::ptrdiff_t>(slice->first));
    }
    json::array items;
    for (const SessionSnapshot& session : sessions) {
        items.push_back(describe(api, session, listing->ranges));
    }
    co_return cuts_by_name(*listing) ? page_response(std::move(items), filtered, total, *listing)
                                     : page_response(std::move(items), *listing);
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
    const json::object object = describe(api, sessions.front(), listing->ranges);
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
