// How somebody says who he is: HTTP Basic, the page's login form, the cookie of a session; and whether a page of
// another site makes him say so. Pure functions over headers and bodies.
#pragma once

#include "broker/auth/credentials.hpp"

#include <boost/beast/http/message.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

using HttpHeader = boost::beast::http::request_header<>;

std::optional<Credentials> basic_credentials(std::string_view authorization);
// Of POST /api/login: a form, as RabbitMQ takes it, or a JSON object; username and password.
std::optional<Credentials> login_credentials(std::string_view body);

std::string_view session_token(const HttpHeader& header); // empty: no session
// The value of Set-Cookie; an empty token removes the cookie. A browser has one jar for all ports of a host, so the
// name carries the port that it asked: brokers on one machine do not end each other's sessions.
std::string session_cookie(const HttpHeader& header, std::string_view token, std::string_view path_prefix,
                           bool over_tls);

// A page of another site must not make a browser that knows the password change anything here.
bool is_cross_origin(const HttpHeader& header);
// The same where a cookie says who asks, which browsers send unasked: they must say where the request comes from.
bool is_same_origin(const HttpHeader& header);
// A page whose own name has been made to lead to us [DNS rebinding] is of the same origin. So whoever knows his
// broker's names can list them; with none listed any will do.
bool is_allowed_host(const HttpHeader& header, const std::vector<std::string>& allowed);

} // namespace broker
