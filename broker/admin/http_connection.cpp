#include "broker/admin/http_connection.hpp"

#include "broker/admin/gzip.hpp"
#include "broker/admin/http_parts.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/web_assets.hpp"
#include "broker/admin/web_socket_handshake.hpp"
#include "broker/net/socket_ends.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/object.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace broker {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_size = 4 << 10;

template <class Body>
void set_headers(http::response<Body>& message, const HttpResponse& response) {
    message.set(http::field::server, "Leveret");
    message.set(http::field::cache_control, "no-cache, no-store");
    message.set(http::field::vary, "accept-encoding, origin");
    message.set("content-security-policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    message.set("x-content-type-options", "nosniff");
    message.set("x-frame-options", "DENY");
    message.set("referrer-policy", "no-referrer");
    message.set("cross-origin-opener-policy", "same-origin");
    if (!response.body.empty() || response.parts) {
        message.set(http::field::content_type, response.content_type);
    }
    if (!response.encoding.empty()) {
        message.set(http::field::content_encoding, response.encoding);
    }
    if (!response.location.empty()) {
        message.set(http::field::location, response.location);
    }
    if (!response.allow.empty()) {
        message.set(http::field::allow, response.allow);
    }
    if (!response.origin.empty()) {
        message.set(http::field::access_control_allow_origin, response.origin);
        message.set(http::field::access_control_allow_credentials, "true");
        if (!response.allow.empty()) { // it asks beforehand
            message.set(http::field::access_control_allow_methods, response.allow);
            message.set(http::field::access_control_allow_headers, "authorization, content-type, x-reason");
            message.set(http::field::access_control_max_age, "1728000");
        }
    }
    if (response.challenge) {
        message.set(http::field::www_authenticate, "Basic realm=\"RabbitMQ Management\"");
    }
    for (const auto& [name, value] : response.headers) {
        message.set(name, value);
    }
}

} // namespace

HttpConnection::HttpConnection(Api& api, asio::ip::tcp::socket socket, const TlsContext* tls)
    : api_(api),
      stream_(std::move(socket), tls),
      peer_(peer_address(stream_.socket())) {}

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

void HttpConnection::close() {
    stream_.close();
}

asio::awaitable<void> HttpConnection::run() {
    const auto self = shared_from_this();
    const boost::system::error_code refused = co_await stream_.handshake();
    if (refused) {
        spdlog::debug("HTTP: TLS handshake: {}", refused.message());
        co_return;
    }
    bool more = true;
    while (more) {
        const bool served = co_await serve_one();
        more = served;
    }
    if (upgraded_) {
        co_return;
    }
    co_await stream_.say_goodbye();
    boost::system::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    co_await discard_input();
}

asio::awaitable<bool> HttpConnection::serve_one() {
    waiting_since_ = std::chrono::steady_clock::now();
    if (buffer_.size() == 0) { // the next request may take its time to begin, but not to go on
        stream_.expires_after(api_.options.idle_timeout);
        auto [idle_error, received] = co_await stream_.async_read_some(buffer_.prepare(read_size), as_result);
        if (idle_error) {
            co_return false;
        }
        buffer_.commit(received);
    }
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(api_.options.max_header_bytes));
    parser.body_limit(std::numeric_limits<std::uint64_t>::max()); // read_body knows the route's
    stream_.expires_after(api_.options.header_timeout);
    auto [error, octets] = co_await http::async_read_header(stream_, buffer_, parser, as_result);
    if (error == http::error::header_limit) {
        co_await write(HttpResponse::failed(431, "bad_request", "the request header is too long"), false, false, 11);
        co_return false;
    }
    if (error) {
        if (error != http::error::end_of_stream &&
            error.category() == make_error_code(http::error::end_of_stream).category()) {
            co_await write(HttpResponse::failed(400, "bad_request", "malformed request"), false, false, 11);
        }
        co_return false;
    }
    const bool head_only = parser.get().method() == http::verb::head;
    HttpResponse response = co_await answer(parser);
    if (parser.get().count("X-Requested-With") > 0) {
        response.challenge = false; // the page has a form of its own; the browser must not ask as well
    }
    response.origin = allowed_origin(parser.get().base());
    // Not over TLS: the size of a compressed answer tells of what is in it [BREACH].
    if (!stream_.has_tls() && response.encoding.empty() && response.body.size() >= min_gzip_size &&
        accepts_gzip(parser.get()[http::field::accept_encoding])) {
        response.body = gzip(response.body);
        response.encoding = "gzip";
    }
    // What is left of a body that was not wanted would be taken for the next request.
    const bool keep_alive = parser.is_done() && parser.keep_alive();
    const bool written = co_await write(std::move(response), head_only, keep_alive, parser.get().version());
    if (written && upgraded_) {
        api_.node.take_web_socket(stream_.release());
    }
    co_return written&& keep_alive && !upgraded_;
}

asio::awaitable<HttpResponse> HttpConnection::answer(Parser& parser) {
    if (!is_allowed_host(parser.get().base(), api_.options.allowed_hosts)) {
        co_return HttpResponse::failed(403, "forbidden", "Host is none of leveret.management.allowed_hosts");
    }
    if (api_.options.service == HttpService::management &&
        parser.get().target() == api_.options.path_prefix + "/api/login") {
        HttpResponse response = co_await log_in_or_out(parser);
        co_return response;
    }
    if (api_.options.service == HttpService::management && api_.options.web_socket &&
        asks_for_web_socket(parser.get().base(), api_.options.path_prefix)) {
        co_return begin_web_socket(parser);
    }
    Admission admission = co_await admit(parser.get().base());
    if (auto* response = std::get_if<HttpResponse>(&admission)) {
        co_return std::move(*response);
    }
    waiting_since_.reset();
    auto& [route, request] = std::get<Admitted>(admission);
    const bool read = co_await read_body(parser, route->body_limit);
    if (!read) {
        co_return HttpResponse::failed(400, "bad_request", "Exceeded HTTP request body size limit");
    }
    request.body = std::move(parser.get().body());
    HttpResult result = co_await route->handler(api_, request);
    co_return result ? std::move(*result) : response_of(result.error());
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

HttpResponse HttpConnection::begin_web_socket(const Parser& parser) {
    if (is_foreign(parser.get().base())) {
        return HttpResponse::failed(403, "forbidden", "the request comes from another origin");
    }
    // What came too early would have to be carried over; nobody who waits for the answer sends it.
    if (!parser.is_done() || buffer_.size() > 0 || stream_.has_input()) {
        return HttpResponse::failed(400, "bad_request", "something follows the request");
    }
    HttpResponse response = web_socket_response(parser.get().base());
    upgraded_ = response.status == 101;
    return response;
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

asio::awaitable<bool> HttpConnection::read_body(Parser& parser, std::size_t limit) {
    if (parser.is_done()) {
        co_return true;
    }
    const auto length = parser.content_length();
    if (length && *length > limit) {
        co_return false;
    }
    parser.body_limit(limit); // of a chunked one
    stream_.expires_after(api_.options.body_timeout);
    if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        http::response<http::empty_body> go_on(http::status::continue_, parser.get().version());
        auto [write_error, written] = co_await http::async_write(stream_, go_on, as_result);
        if (write_error) {
            co_return false;
        }
    }
    auto [error, octets] = co_await http::async_read(stream_, buffer_, parser, as_result);
    co_return !error;
}

asio::awaitable<bool> HttpConnection::write(HttpResponse response, bool head_only, bool keep_alive, unsigned version) {
    const auto prepare = [&](auto& message) {
        message.result(response.status);
        message.version(version);
        set_headers(message, response);
        message.keep_alive(keep_alive);
    };
    stream_.expires_after(api_.options.body_timeout);
    if (response.parts && !head_only) {
        http::response<http::empty_body> message;
        prepare(message);
        const bool written =
            co_await write_parts(stream_, std::move(message), std::move(response.parts), api_.options.body_timeout);
        co_return written;
    }
    if (head_only) {
        http::response<http::empty_body> message;
        prepare(message);
        message.content_length(response.body.size());
        auto [error, octets] = co_await http::async_write(stream_, message, as_result);
        co_return !error;
    }
    http::response<http::string_body> message;
    prepare(message);
    message.body() = std::move(response.body);
    message.prepare_payload();
    if (upgraded_) { // what follows is as long as the connection
        message.erase(http::field::content_length);
    }
    auto [error, octets] = co_await http::async_write(stream_, message, as_result);
    co_return !error;
}

// Closing a socket that has unread input makes a reset of it, which may overtake our last answer.
asio::awaitable<void> HttpConnection::discard_input() {
    constexpr std::size_t most = 4 << 20;
    std::size_t discarded = 0;
    buffer_.clear();
    stream_.expires_after(std::chrono::seconds(2));
    while (discarded < most) {
        auto [error, octets] = co_await stream_.async_read_some(buffer_.prepare(16 << 10), as_result);
        if (error) {
            break;
        }
        discarded += octets;
    }
}

} // namespace broker
