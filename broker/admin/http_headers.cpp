#include "broker/admin/http_headers.hpp"

namespace broker {

namespace http = boost::beast::http;

void set_headers(http::response_header<>& message, const HttpResponse& response) {
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

} // namespace broker
