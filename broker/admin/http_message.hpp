// One request and one response of the management API, free of the HTTP library: what handlers see. Plain values; a
// request belongs to the coroutine of its connection and outlives the handler that it is given to.
#pragma once

#include "broker/admin/target.hpp"
#include "broker/auth/user.hpp"
#include "protocol/error.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace broker {

enum class Verb : std::uint8_t { delete_, get, post, put };
std::string_view name(Verb verb); // "DELETE"

struct HttpRequest {
    Verb verb = Verb::get;
    std::vector<std::pair<std::string_view, std::string>> parameters; // of the path, decoded
    Query query;
    std::string body;
    std::string reason; // X-Reason
    UserPtr user;

    const std::string& parameter(std::string_view name) const; // must be one of the route's
};

struct HttpResponse {
    unsigned status = 200;
    std::string body; // empty with 201 and 204
    std::string location = {};
    std::string allow = {};                                        // verbs of the path
    std::string origin = {};                                       // whose page may read it [management.cors]
    bool challenge = false;                                        // asks for credentials
    std::string_view encoding = {};                                // of the body: "gzip"
    std::string content_type = "application/json";                 // of the body
    std::vector<std::pair<std::string, std::string>> headers = {}; // more of them, or others than every answer has
    // Instead of a body: puts the next part of it into the string; false: there is none any more.
    std::function<bool(std::string&)> parts = {};

    static HttpResponse json(const boost::json::value& value, unsigned status = 200);
    static HttpResponse created(std::string location = {});
    static HttpResponse no_content();
    static HttpResponse put(bool created_anew) { return created_anew ? created() : no_content(); }
    static HttpResponse failed(unsigned status, std::string_view error, std::string_view reason);
    static HttpResponse not_found();                              // an object of the path
    static HttpResponse not_authorised(std::string_view reason);   // 401, though the credentials are right
    static HttpResponse not_authenticated(std::string body = {}); // asks for credentials
};

// A peer's mistake as HTTP tells it [A3]: the one place where AMQP's reply codes become HTTP's.
HttpResponse response_of(const amqp::Error& error);
// The same mistake as it reads when RabbitMQ made it through a channel, which is how it gets and publishes: "406 ...".
amqp::Error as_channel_error(amqp::Error error);

// A handler answers, or fails with what response_of() turns into an answer.
using HttpResult = amqp::Result<HttpResponse>;
using HttpAnswer = boost::asio::awaitable<HttpResult>;

} // namespace broker
