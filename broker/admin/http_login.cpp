// Who sends a request: HTTP Basic, or a session of the page. The rest of HttpConnection is in http_connection.cpp.
#include "broker/admin/http_connection.hpp"
#include "broker/admin/tags.hpp"
#include "broker/admin/text.hpp"

#include <boost/json/object.hpp>

#include <utility>

namespace broker {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t login_body = 4 << 10;

HttpResponse wrong_credentials() {
    return HttpResponse::not_authenticated(HttpResponse::failed(401, "not_authorized", "Not_Authorized").body);
}

} // namespace

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
        co_return HttpResponse::not_authorised("User can only log in via localhost");
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
        response.headers.emplace_back("set-cookie", session_cookie(header, {}, prefix, stream_.has_tls()));
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
        co_return HttpResponse::not_authorised("Not management user");
    }
    HttpResponse response =
        HttpResponse::json(boost::json::object{{"name", json_text(user.name)}, {"tags", tags_json(user.tags)}});
    api_.sessions.end(session_token(header)); // nobody keeps two in one browser
    const std::string token = api_.sessions.begin(user, LoginSessions::Clock::now());
    response.headers.emplace_back("set-cookie", session_cookie(header, token, prefix, stream_.has_tls()));
    co_return response;
}

} // namespace broker
