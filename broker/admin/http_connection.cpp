#include "broker/admin/http_connection.hpp"

#include "broker/admin/tags.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/web_assets.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/object.hpp>

#include <spdlog/spdlog.h>

#include <limits>
#include <utility>

namespace broker {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_size = 4 << 10;
constexpr std::size_t login_body = 4 << 10;

PeerAddress peer_address(const asio::ip::tcp::socket& socket) {
    boost::system::error_code error;
    const auto address = socket.remote_endpoint(error).address();
    return address.is_v4() ? PeerAddress(address.to_v4().to_bytes()) : PeerAddress(address.to_v6().to_bytes());
}

std::optional<Verb> verb_of(http::verb verb) {
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

HttpResponse not_authorised(std::string_view reason) {
    return HttpResponse::failed(401, "not_authorised", reason);
}

HttpResponse wrong_credentials() {
    return HttpResponse::not_authenticated(HttpResponse::failed(401, "not_authorized", "Not_Authorized").body);
}

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
    if (!response.body.empty()) {
        message.set(http::field::content_type, response.content_type);
    }
    if (!response.location.empty()) {
        message.set(http::field::location, response.location);
    }
    if (!response.allow.empty()) {
        message.set(http::field::allow, response.allow);
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
    co_await stream_.say_goodbye();
    boost::system::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    co_await discard_input();
}

asio::awaitable<bool> HttpConnection::serve_one() {
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
    // What is left of a body that was not wanted would be taken for the next request.
    const bool keep_alive = parser.is_done() && parser.keep_alive();
    const bool written = co_await write(std::move(response), head_only, keep_alive, parser.get().version());
    co_return written&& keep_alive;
}

asio::awaitable<HttpResponse> HttpConnection::answer(Parser& parser) {
    if (parser.get().target() == api_.options.path_prefix + "/api/login") {
        HttpResponse response = co_await log_in_or_out(parser);
        co_return response;
    }
    Admission admission = co_await admit(parser.get().base());
    if (auto* response = std::get_if<HttpResponse>(&admission)) {
        co_return std::move(*response);
    }
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
    if (auto page = find_page(header)) {
        co_return std::move(*page);
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
    if (verb_of(header.method()) != Verb::get || !target.starts_with(prefix)) {
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

asio::awaitable<HttpConnection::Login> HttpConnection::authenticate(const Header& header) {
    const std::string_view authorization = header[http::field::authorization];
    if (authorization.empty()) {
        co_return resume_session(header);
    }
    auto credentials = basic_credentials(authorization);
    if (!credentials) {
        co_return wrong_credentials();
    }
    Login login = co_await check_password(std::move(*credentials));
    co_return login;
}

asio::awaitable<HttpConnection::Login> HttpConnection::check_password(Credentials credentials) {
    AuthResult result = co_await wait_for<AuthResult>(api_.io, [&](Authenticator::Done done) {
        api_.node.authenticator().authenticate_password(credentials.user, credentials.password, peer_, std::move(done));
    });
    if (result.status == AuthResult::Status::loopback_only) {
        co_return not_authorised("User can only log in via localhost");
    }
    if (!result.accepted()) {
        co_return wrong_credentials();
    }
    co_return std::move(result.user);
}

HttpConnection::Login HttpConnection::resume_session(const Header& header) {
    const std::string_view token = session_token(header);
    const std::string name = api_.sessions.find(token, LoginSessions::Clock::now());
    if (name.empty()) {
        return HttpResponse::not_authenticated();
    }
    UserPtr user = api_.node.authenticator().find_user(name);
    if (user == nullptr || !api_.sessions.is_current(token, *user)) {
        api_.sessions.end(token);
        return HttpResponse::not_authenticated();
    }
    if (verb_of(header.method()) != Verb::get && !is_same_origin(header)) {
        return HttpResponse::failed(403, "forbidden", "the request comes from another origin");
    }
    return user;
}

asio::awaitable<HttpResponse> HttpConnection::log_in_or_out(Parser& parser) {
    const Header& header = parser.get().base();
    const auto verb = verb_of(header.method());
    if (verb != Verb::post && verb != Verb::put && verb != Verb::delete_) {
        HttpResponse response = HttpResponse::failed(405, "method_not_allowed", "Method Not Allowed");
        response.allow = "DELETE, POST, PUT, OPTIONS";
        co_return response;
    }
    const std::string& prefix = api_.options.path_prefix;
    const bool read = co_await read_body(parser, login_body);
    if (!read) {
        co_return HttpResponse::failed(400, "bad_request", "Exceeded HTTP request body size limit");
    }
    if (is_cross_origin(header)) {
        co_return HttpResponse::failed(403, "forbidden", "the request comes from another origin");
    }
    if (verb == Verb::delete_) {
        api_.sessions.end(session_token(header));
        HttpResponse response = HttpResponse::no_content();
        response.headers.emplace_back("set-cookie", session_cookie({}, prefix));
        co_return response;
    }
    auto credentials = login_credentials(parser.get().body());
    if (!credentials) {
        co_return HttpResponse::failed(400, "bad_request", "username and password are wanted");
    }
    Login login = co_await check_password(std::move(*credentials));
    if (auto* refused = std::get_if<HttpResponse>(&login)) {
        co_return std::move(*refused);
    }
    const User& user = *std::get<UserPtr>(login);
    if (!user.is_management()) {
        co_return not_authorised("Not management user");
    }
    HttpResponse response =
        HttpResponse::json(boost::json::object{{"name", json_text(user.name)}, {"tags", tags_json(user.tags)}});
    api_.sessions.end(session_token(header)); // nobody keeps two in one browser
    const std::string token = api_.sessions.begin(user, LoginSessions::Clock::now());
    response.headers.emplace_back("set-cookie", session_cookie(token, prefix));
    co_return response;
}

// In the order that tells least to those who may least.
HttpConnection::Admission HttpConnection::find(const Header& header, Target target, UserPtr user) const {
    std::span<const std::string> segments = target.segments;
    const auto prefix = parse_target(api_.options.path_prefix + "/api");
    const std::vector<std::string>& expected = prefix->segments;
    if (segments.size() < expected.size() || !std::ranges::equal(segments.first(expected.size()), expected)) {
        return HttpResponse::not_found();
    }
    RouteMatch match = find_route(segments.subspan(expected.size()));
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
        return not_authorised(refusal(route->tag));
    }
    if (*verb != Verb::get && is_cross_origin(header)) {
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
            return not_authorised("User not authorised to access virtual host");
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
