#include "broker/admin/http_message.hpp"

#include "broker/admin/text.hpp"
#include "protocol/assert.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace broker {

std::string_view name(Verb verb) {
    switch (verb) {
    case Verb::delete_:
        return "DELETE";
    case Verb::get:
        return "GET";
    case Verb::post:
        return "POST";
    case Verb::put:
        return "PUT";
    }
    return {};
}

const std::string& HttpRequest::parameter(std::string_view parameter_name) const {
    for (const auto& [name, value] : parameters) {
        if (name == parameter_name) {
            return value;
        }
    }
    LEVERET_UNREACHABLE("a parameter of the route");
    return parameters.front().second;
}

HttpResponse HttpResponse::json(const boost::json::value& value, unsigned status) {
    return {status, boost::json::serialize(value)};
}

HttpResponse HttpResponse::created(std::string location) {
    return {201, {}, std::move(location)};
}

HttpResponse HttpResponse::no_content() {
    return {204, {}};
}

HttpResponse HttpResponse::failed(unsigned status, std::string_view error, std::string_view reason) {
    return json(boost::json::object{{"error", error}, {"reason", json_text(reason)}}, status);
}

HttpResponse HttpResponse::not_found() {
    return failed(404, "Object Not Found", "Not Found");
}

HttpResponse HttpResponse::not_authorised(std::string_view reason) {
    return failed(401, "not_authorised", reason);
}

HttpResponse HttpResponse::not_authenticated(std::string body) {
    HttpResponse response{401, std::move(body)};
    response.challenge = true;
    return response;
}

HttpResponse response_of(const amqp::Error& error) {
    switch (error.code) {
    case amqp::ReplyCode::not_found:
        return HttpResponse::failed(404, "not_found", error.text);
    case amqp::ReplyCode::access_refused:
    case amqp::ReplyCode::not_allowed:
        return HttpResponse::failed(401, "not_authorised", "Access refused."); // RabbitMQ does not tell which
    case amqp::ReplyCode::internal_error:
        return HttpResponse::failed(500, "internal_server_error", error.text);
    case amqp::ReplyCode::resource_error:
        return HttpResponse::failed(503, "service_unavailable", error.text);
    default:
        return HttpResponse::failed(400, "bad_request", error.text);
    }
}

amqp::Error as_channel_error(amqp::Error error) {
    const HttpResponse response = response_of(error);
    if (response.status == 400) {
        error.text = std::to_string(static_cast<unsigned>(error.code)) + ' ' + error.reply_text();
    }
    return error;
}

} // namespace broker
