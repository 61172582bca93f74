#include "broker/admin/http_message.hpp"

#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>

using namespace broker;

TEST_CASE("response: AMQP's errors have their status and body", "[admin][errors]") {
    struct Row {
        amqp::Error error;
        unsigned status;
        std::string_view body;
    };
    for (const auto& [error, status, body] :
         {Row{amqp::not_found("no queue 'q' in vhost '/'"), 404,
              R"({"error":"not_found","reason":"no queue 'q' in vhost '/'"})"},
          Row{amqp::access_refused("configure access to ..."), 401,
              R"({"error":"not_authorised","reason":"Access refused."})"},
          Row{amqp::not_allowed("what"), 401, R"({"error":"not_authorised","reason":"Access refused."})"},
          Row{amqp::precondition_failed("inequivalent"), 400, R"({"error":"bad_request","reason":"inequivalent"})"},
          Row{amqp::resource_locked("locked"), 400, R"({"error":"bad_request","reason":"locked"})"}}) {
        const HttpResponse response = response_of(error);
        INFO(error.text);
        CHECK(response.status == status);
        CHECK(boost::json::parse(response.body) == boost::json::parse(body));
    }
}

TEST_CASE("response: through a channel the code is part of the reason", "[admin][errors]") {
    CHECK(as_channel_error(amqp::precondition_failed("p")).text == "406 PRECONDITION_FAILED - p");
    CHECK(as_channel_error(amqp::not_found("n")).text == "n");
}
