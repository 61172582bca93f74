#include "broker/admin/login.hpp"

#include "broker/admin/body.hpp"
#include "broker/admin/target.hpp"
#include "broker/admin/text.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>

namespace broker {
namespace {

namespace http = boost::beast::http;

// As the browser sees it, which need not be the port we listen on.
std::string_view port_of(std::string_view host) {
    const std::size_t colon = host.rfind(':');
    const std::string_view port = colon == std::string_view::npos ? std::string_view() : host.substr(colon + 1);
    const bool is_port = port.size() <= 5 && port.find_first_not_of("0123456789") == std::string_view::npos;
    return is_port ? port : std::string_view();
}

std::string cookie_name(const HttpHeader& header) {
    const std::string_view port = port_of(header[http::field::host]);
    return port.empty() ? "leveret_session" : "leveret_session_" + std::string(port);
}

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(' ') + 1);
}

} // namespace

std::optional<Credentials> basic_credentials(std::string_view authorization) {
    constexpr std::string_view scheme = "basic ";
    if (authorization.size() < scheme.size() ||
        !boost::beast::iequals(authorization.substr(0, scheme.size()), scheme)) {
        return std::nullopt;
    }
    const auto decoded = decode_base64(authorization.substr(scheme.size()));
    const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
    if (colon == std::string::npos) {
        return std::nullopt;
    }
    return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

std::optional<Credentials> login_credentials(std::string_view body) {
    if (trim(body).starts_with('{')) {
        const auto object = decode_body(body);
        if (!object) {
            return std::nullopt;
        }
        BodyFields fields(*object);
        const auto user = fields.text("username"), password = fields.text("password");
        return user && password ? std::optional(Credentials{*user, *password}) : std::nullopt;
    }
    const auto form = parse_target("/?" + std::string(body)); // a form is written as a query is
    if (!form) {
        return std::nullopt;
    }
    const auto user = form->query.find("username"), password = form->query.find("password");
    return user && password ? std::optional(Credentials{std::string(*user), std::string(*password)}) : std::nullopt;
}

std::string_view session_token(const HttpHeader& header) {
    const std::string name = cookie_name(header) + '=';
    std::string_view cookies = header[http::field::cookie];
    while (!cookies.empty()) {
        const std::size_t end = std::min(cookies.find(';'), cookies.size());
        const std::string_view cookie = trim(cookies.substr(0, end));
        if (cookie.starts_with(name)) {
            return cookie.substr(name.size());
        }
        cookies.remove_prefix(std::min(end + 1, cookies.size()));
    }
    return {};
}

std::string session_cookie(const HttpHeader& header, std::string_view token, std::string_view path_prefix,
                           bool over_tls) {
    std::string cookie = cookie_name(header);
    cookie.append("=").append(token).append("; Path=").append(path_prefix).append("/; HttpOnly; SameSite=Strict");
    cookie.append(over_tls ? "; Secure" : "");
    return token.empty() ? cookie + "; Max-Age=0" : cookie;
}

bool is_cross_origin(const HttpHeader& header) {
    return !header[http::field::origin].empty() && !is_same_origin(header);
}

bool is_same_origin(const HttpHeader& header) {
    const std::string_view origin = header[http::field::origin], host = header[http::field::host];
    const std::size_t authority = origin.find("://");
    return authority != std::string_view::npos && !host.empty() && origin.substr(authority + 3) == host;
}

bool is_allowed_host(const HttpHeader& header, const std::vector<std::string>& allowed) {
    const std::string_view host = header[http::field::host];
    const std::size_t end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
    const auto is_host = [&](const std::string& name) { return boost::beast::iequals(name, host.substr(0, end)); };
    return allowed.empty() || std::ranges::any_of(allowed, is_host);
}

} // namespace broker
