#include "protocol/error.hpp"

#include <catch2/catch.hpp>

using namespace amqp;

TEST_CASE("error: the reply text is the code's name and the explanation", "[protocol][error][F10]") {
    CHECK(not_found("no queue 'q' in vhost '/'").reply_text() == "NOT_FOUND - no queue 'q' in vhost '/'");
    CHECK(internal_error().reply_text() == "INTERNAL_ERROR");
}

TEST_CASE("error: the reply text is cut to a short string", "[protocol][error][F10]") {
    const std::string prefix = "NOT_FOUND - ";
    const std::size_t room = 255 - prefix.size();
    CHECK(not_found(std::string(room, 'x')).reply_text().size() == 255);
    CHECK(not_found(std::string(room + 1, 'x')).reply_text() == prefix + std::string(room, 'x'));
}

TEST_CASE("error: the cut does not split a character", "[protocol][error][F10]") {
    const std::string prefix = "NOT_FOUND - ";
    const std::string fill(255 - prefix.size() - 2, 'x');
    CHECK(not_found(fill + "\xC3\xA9" + "x").reply_text() == prefix + fill + "\xC3\xA9"); // ends at 255
    CHECK(not_found(fill + "\xE2\x82\xAC").reply_text() == prefix + fill);                // would end at 256
    CHECK(not_found(std::string(300, '\x80')).reply_text().size() <= 255);
}

TEST_CASE("error: names and scopes are RabbitMQ's", "[protocol][error][F10]") {
    struct Row {
        int code;
        std::string_view name;
        Scope scope;
    };
    const std::vector<Row> rows{
        {311, "CONTENT_TOO_LARGE", Scope::channel},   {312, "NO_ROUTE", Scope::channel},
        {313, "NO_CONSUMERS", Scope::channel},        {320, "CONNECTION_FORCED", Scope::connection},
        {402, "INVALID_PATH", Scope::connection},     {403, "ACCESS_REFUSED", Scope::channel},
        {404, "NOT_FOUND", Scope::channel},           {405, "RESOURCE_LOCKED", Scope::channel},
        {406, "PRECONDITION_FAILED", Scope::channel}, {501, "FRAME_ERROR", Scope::connection},
        {502, "SYNTAX_ERROR", Scope::connection},     {503, "COMMAND_INVALID", Scope::connection},
        {504, "CHANNEL_ERROR", Scope::connection},    {505, "UNEXPECTED_FRAME", Scope::connection},
        {506, "RESOURCE_ERROR", Scope::connection},   {530, "NOT_ALLOWED", Scope::connection},
        {540, "NOT_IMPLEMENTED", Scope::connection},  {541, "INTERNAL_ERROR", Scope::connection},
    };
    for (const Row& row : rows) {
        CAPTURE(row.code);
        const auto code = static_cast<ReplyCode>(row.code);
        CHECK(name(code) == row.name);
        CHECK(make_error(code, "text") == Error{code, row.scope, "text"});
    }
    CHECK(name(ReplyCode::reply_success) == "REPLY_SUCCESS");
}

TEST_CASE("error: every short form makes its own code", "[protocol][error]") {
    CHECK(access_refused("t").code == ReplyCode::access_refused);
    CHECK(not_found("t").code == ReplyCode::not_found);
    CHECK(resource_locked("t").code == ReplyCode::resource_locked);
    CHECK(precondition_failed("t").code == ReplyCode::precondition_failed);
    CHECK(frame_error("t").code == ReplyCode::frame_error);
    CHECK(syntax_error("t").code == ReplyCode::syntax_error);
    CHECK(command_invalid("t").code == ReplyCode::command_invalid);
    CHECK(channel_error("t").code == ReplyCode::channel_error);
    CHECK(unexpected_frame("t").code == ReplyCode::unexpected_frame);
    CHECK(not_allowed("t").code == ReplyCode::not_allowed);
    CHECK(not_implemented("t").code == ReplyCode::not_implemented);
    CHECK(internal_error("t").code == ReplyCode::internal_error);
}
