// Who may ask an HttpConnection for what. How it reads and writes is in http_connection.cpp.
#include "broker/admin/http_connection.hpp"
#include "broker/admin/web_assets.hpp"

#include <algorithm>
#include <utility>

namespace broker {

namespace asio = boost::asio;
namespace http = boost::beast::http;

std::optional<Verb> HttpConnection::verb_of(http::verb verb) {
    switch (verb) {
    case http::verb::get:
    case http::verb::head:
        return Verb::get;
    case http::verb::put:
        return Verb::put;
    case http::verb::post:
        return Verb::post;
    case http::verb::delete_:
        return Verb::delete_;
    default:
        return std::nullopt;
    }
}

asio::awaitable<HttpConnection::Admission> HttpConnection::admit(const Header& header) {
    if (api_.options.service == HttpService::metrics && !api_.options.login) {
        co_return find_metrics(header, header.target());
    }
    if (auto page = find_page(header)) {
        co_return std::move(*page);
    }
    if (header.method() == http::verb::options && !allowed_origin(header).empty()) {
        HttpResponse response{200, {}};
        response.allow = "HEAD, GET, PUT, POST, DELETE, OPTIONS";
        co_return response;
    }
    auto login = co_await authenticate(header);
    if (auto* refused = std::get_if<HttpResponse>(&login)) {
        co_return std::move(*refused);
    }
    auto target = parse_target(header.target());
    if (!target) {
        co_return response_of(target.error());
    }
    co_return find(header, std::move(*target), std::move(std::get<UserPtr>(login)));
}

std::optional<HttpResponse> HttpConnection::find_page(const Header& header) const {
    const std::string_view target = header.target(), prefix = api_.options.path_prefix;
    if (api_.options.service != HttpService::management || verb_of(header.method()) != Verb::get ||
        !target.starts_with(prefix)) {
        return std::nullopt;
    }
    const std::string_view path = target.substr(prefix.size(), target.find('?') - prefix.size());
    if (path.empty()) { // the page's own links are relative
        HttpResponse elsewhere{301, {}, std::string(prefix) + '/'};
        return elsewhere;
    }
    if (path == "/cli/rabbitmqadmin") {
        return HttpResponse::failed(404, "not_found", "Leveret brings no rabbitmqadmin; any version of it works here");
    }
    return web_asset_response(path, header[http::field::accept_encoding], header[http::field::if_none_match]);
}

std::string HttpConnection::allowed_origin(const Header& header) const {
    const std::string_view origin = header[http::field::origin];
    const auto& allowed = api_.options.cors_origins;
    const bool any = std::ranges::find(allowed, "*") != allowed.end();
    return std::string(any || std::ranges::find(allowed, origin) != allowed.end() ? origin : std::string_view());
}

bool HttpConnection::is_foreign(const Header& header) const {
    return is_cross_origin(header) && allowed_origin(header).empty();
}

RouteMatch HttpConnection::find_path(std::span<const std::string> segments) const {
    const auto prefix = parse_target(api_.options.path_prefix);
    if (!std::ranges::equal(segments.first(std::min(segments.size(), prefix->segments.size())), prefix->segments)) {
        return {};
    }
    segments = segments.subspan(prefix->segments.size());
    if (api_.options.service == HttpService::management && !segments.empty() && segments.front() == "api") {
        return find_route(segments.subspan(1));
    }
    return find_route(segments, metrics_routes());
}

// Whoever reaches the port may read.
HttpConnection::Admission HttpConnection::find_metrics(const Header& header, std::string_view text) {
    auto target = parse_target(text);
    if (!target) {
        return response_of(target.error());
    }
    const RouteMatch match = find_route(target->segments, metrics_routes());
    if (match.verbs.empty()) {
        return HttpResponse::not_found();
    }
    if (verb_of(header.method()) != Verb::get) {
        HttpResponse response = HttpResponse::failed(405, "method_not_allowed", "Method Not Allowed");
        response.allow = match.allow();
        return response;
    }
    Admitted admitted{match.verbs.front(), {}};
    admitted.request.query = std::move(target->query);
    return admitted;
}

// In the order that tells least to those who may least.
HttpConnection::Admission HttpConnection::find(const Header& header, Target target, UserPtr user) const {
    RouteMatch match = find_path(target.segments);
    if (match.verbs.empty()) {
        return HttpResponse::not_found();
    }
    const auto verb = verb_of(header.method());
    const Route* route = verb ? match.find(*verb) : nullptr;
    if (route == nullptr) {
        HttpResponse response = header.method() == http::verb::options
                                    ? HttpResponse{200, {}}
                                    : HttpResponse::failed(405, "method_not_allowed", "Method Not Allowed");
        response.allow = match.allow();
        return response;
    }
    if (!has_tag(*user, route->tag)) {
        return HttpResponse::not_authorised(refusal(route->tag));
    }
    if (*verb != Verb::get && is_foreign(header)) {
        return HttpResponse::failed(403, "forbidden", "the request comes from another origin");
    }
    Admitted admitted{route, {}};
    admitted.request.verb = *verb;
    admitted.request.parameters = std::move(match.parameters);
    admitted.request.query = std::move(target.query);
    admitted.request.reason = header["X-Reason"];
    admitted.request.user = std::move(user);
    if (route->host_access != HostAccess::none) {
        const std::string& virtual_host = admitted.request.parameter("vhost");
        if (!has_access(*admitted.request.user, virtual_host, route->host_access)) {
            return HttpResponse::not_authorised("User not authorised to access virtual host");
        }
        if (api_.node.find_virtual_host(virtual_host) == nullptr) {
            return HttpResponse::not_found();
        }
    }
    return admitted;
}

} // namespace broker
