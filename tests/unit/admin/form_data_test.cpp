// Definitions sent as a browser's form or by `curl -F file=@definitions.json`.
#include "broker/admin/form_data.hpp"
#include "tests/unit/admin/server_world.hpp"

#include <boost/json/object.hpp>

#include <catch2/catch.hpp>

using namespace broker;

namespace {

const std::string file_part = "--x1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"d.json\"\r\n"
                              "Content-Type: application/json\r\n\r\n";
const std::string definitions =
    R"({"queues":[{"name":"q","vhost":"/","durable":true,"auto_delete":false,"arguments":{}}]})";

std::string redirect_part(std::string_view place) {
    return "\r\n--x1\r\ncontent-disposition: form-data; name=\"redirect\"\r\n\r\n" + std::string(place);
}

} // namespace

TEST_CASE("form data: parts have names and contents", "[admin][form]") {
    const std::string body = file_part + "a\r\n--x\r\nb" + redirect_part("") + "\r\n--x1--\r\n";
    const auto parts = read_form_data(body);
    REQUIRE(parts.has_value());
    REQUIRE(parts->size() == 2);
    CHECK((*parts)[0].name == "file");
    CHECK((*parts)[0].file_name == "d.json");
    CHECK((*parts)[0].content == "a\r\n--x\r\nb");
    CHECK((*parts)[1].name == "redirect");
    CHECK((*parts)[1].file_name.empty());
    CHECK((*parts)[1].content.empty());
}

TEST_CASE("form data: every truncation is refused", "[admin][form]") {
    const std::string body = file_part + "{}" + redirect_part("there") + "\r\n--x1--";
    for (std::size_t size = 0; size < body.size(); ++size) {
        INFO(size);
        CHECK(read_form_data(body.substr(0, size)).has_error());
    }
    CHECK(read_form_data(body).has_value());
    std::string many;
    for (std::size_t i = 0; i <= max_form_parts; ++i) {
        many += redirect_part("x");
    }
    CHECK(read_form_data(many.substr(2) + "\r\n--x1--").has_error());
    CHECK(read_form_data("--" + std::string(100, 'x') + "\r\n").has_error());
}

TEST_CASE("definitions: a form imports its file", "[admin][definitions][form]") {
    ServerWorld world;
    const std::string good = file_part + "\xEF\xBB\xBF" + definitions + "\r\n--x1--\r\n";
    CHECK(world.call("POST", "/definitions", good).status == 204);
    CHECK(world.call("GET", "/queues/%2F/q").status == 200);
    CHECK(world.call("POST", "/definitions", file_part + "{" + "\r\n--x1--\r\n").status == 400);
    CHECK(world.call("POST", "/definitions", file_part + definitions).status == 400);
}

TEST_CASE("definitions: a form says where to go afterwards, but not away from here", "[admin][definitions][form]") {
    ServerWorld world;
    const auto import = [&](std::string_view place) {
        return world.call("POST", "/definitions", file_part + definitions + redirect_part(place) + "\r\n--x1--\r\n");
    };
    const Answer answer = import("../#/import-succeeded");
    CHECK(answer.status == 303);
    CHECK(answer.headers.at("location") == "../#/import-succeeded");
    for (const std::string_view place : {"http://there/", "//there/", "\\\\there", ""}) {
        INFO(place);
        CHECK(import(place).status == 204);
    }
}

TEST_CASE("definitions: only files that call themselves JSON are taken from a form", "[admin][definitions][form]") {
    ServerWorld world;
    std::string body = file_part + definitions + "\r\n--x1--\r\n";
    body.replace(body.find("d.json"), 6, "d.conf");
    const Answer answer = world.call("POST", "/definitions", body);
    CHECK(answer.status == 400);
    CHECK(answer.json().at("reason") == "unsupported_file_extension");
}

TEST_CASE("definitions: a file to keep has the name that was asked for, unless the name is odd",
          "[admin][definitions]") {
    ServerWorld world;
    CHECK_FALSE(world.call("GET", "/definitions").headers.contains("content-disposition"));
    for (const std::string path : {"/definitions", "/definitions/%2F", "/all-configuration"}) {
        INFO(path);
        const auto kept_as = [&](const std::string& name) {
            return world.call("GET", path + "?download=" + name).headers.at("content-disposition");
        };
        CHECK(kept_as("of-today_1.json") == "attachment; filename=of-today_1.json");
        for (const char* const odd : {"", "a%22b", "a%0D%0Ab", "..%2Fa", "%C3%BC"}) {
            CHECK(kept_as(odd) == "attachment");
        }
    }
}
