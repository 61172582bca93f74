// What broken or malicious clients send: an error in two words, never a crash, never 5xx, nothing half applied.
#include "broker/admin/route_table.hpp"
#include "tests/unit/admin/server_world.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/object.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace broker;
namespace json = boost::json;

namespace {

bool is_error(const Answer& answer) {
    const json::value body = answer.json();
    return answer.status >= 400 && answer.status < 500 && body.is_object() && body.as_object().contains("error") &&
           body.at("error").is_string() && body.as_object().contains("reason") && body.at("reason").is_string();
}

// These look at no body, or have no use for its fields.
bool takes_anything(const Route& route) {
    return route.path == "/rebalance/queues" || route.path.ends_with("/deletion/protection") ||
           route.path.ends_with("/start/{node}") || route.path.ends_with("/grow");
}

std::string nested(std::size_t depth) {
    std::string text = "{\"a\":";
    text.append(depth, '[').append(depth, ']').append("}");
    return text;
}

} // namespace

TEST_CASE("bad input: what is no object is refused by every route that takes one", "[admin][bad-input][A4]") {
    ServerWorld world;
    const std::string deep = nested(100'000).substr(0, 9'000); // below every limit, and without an end
    for (const Route& route : routes()) {
        if ((route.verb != Verb::put && route.verb != Verb::post) || takes_anything(route)) {
            continue;
        }
        const std::vector<std::string> bodies{deep,   nested(200),       "{", "[]", "17", "\"{}\"", "{\"a\":}",
                                              "{}{}", "{\"a\":\"\xFF\"}"};
        for (const std::string& body : bodies) {
            INFO(name(route.verb) << ' ' << route.path << ' ' << body.substr(0, 20));
            const Answer answer = world.call(name(route.verb), concrete(route.path), body);
            CHECK((answer.status == 404 || answer.status == 400));
            CHECK(is_error(answer));
        }
    }
}

TEST_CASE("bad input: fields of the wrong type are refused or ignored, never worse", "[admin][bad-input][A4]") {
    ServerWorld world;
    const auto fields = {"durable",  "auto_delete",   "arguments",   "type",     "tags",
                         "password", "password_hash", "value",       "pattern",  "definition",
                         "priority", "apply-to",      "configure",   "read",     "write",
                         "exchange", "properties",    "routing_key", "payload",  "payload_encoding",
                         "count",    "ackmode",       "encoding",    "truncate", "action",
                         "users",    "name",          "description", "limits",   "surprise",
                         "queues"};
    for (const Route& route : routes()) {
        if (route.verb != Verb::put && route.verb != Verb::post) {
            continue;
        }
        for (const char* value : {"17", "-1e300", "[[[]]]", "{\"x\":null}", "\"\\u0000\"", "true"}) {
            std::string body = "{";
            for (const char* field : fields) {
                body.append(body.size() > 1 ? ",\"" : "\"").append(field).append("\":").append(value);
            }
            body += "}";
            INFO(name(route.verb) << ' ' << route.path << ' ' << value);
            const Answer answer = world.call(name(route.verb), concrete(route.path), body);
            CHECK(answer.status < 500);
            CHECK((answer.status < 400 || is_error(answer)));
        }
    }
}

TEST_CASE("bad input: no route reads more than its limit, said or in chunks", "[admin][bad-input][A4]") {
    constexpr std::size_t worth_sending = 1 << 20;
    ServerWorld world;
    for (const Route& route : routes()) {
        if (route.verb == Verb::get) {
            continue;
        }
        const std::size_t too_much = route.body_limit + 1;
        const std::string head = fmt::format("{} /api{} HTTP/1.1\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n",
                                             name(route.verb), concrete(route.path));
        INFO(head);
        const std::string said = world.raw(fmt::format("{}Content-Length: {}\r\n\r\n", head, too_much));
        CHECK(said.starts_with("HTTP/1.1 400"));
        CHECK(said.find("Exceeded HTTP request body size limit") != std::string::npos);
        if (route.body_limit <= worth_sending) {
            const std::string chunks = fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", too_much, std::string(too_much, ' '));
            CHECK(world.raw(head + "Transfer-Encoding: chunked\r\n\r\n" + chunks).starts_with("HTTP/1.1 400"));
        }
    }
}

TEST_CASE("bad input: keys that nobody knows are passed over", "[admin][bad-input][A4]") {
    ServerWorld world;
    for (const auto& [path, body] : std::vector<std::pair<const char*, const char*>>{
             {"/queues/%2F/q", R"({"durable":true,"surprise":{"a":[1]}})"},
             {"/exchanges/%2F/x", R"({"type":"direct","surprise":null})"},
             {"/vhosts/v", R"({"description":"d","surprise":1})"},
             {"/users/u", R"({"password":"p","tags":"","surprise":[]})"},
             {"/policies/%2F/p", R"({"pattern":"^a","definition":{"max-length":1},"surprise":true})"}}) {
        INFO(path);
        CHECK(world.call("PUT", path, body).status == 201);
    }
}

TEST_CASE("bad input: a body that was encoded twice is told so", "[admin][bad-input][A4]") {
    ServerWorld world;
    const Answer answer = world.call("PUT", "/queues/%2F/q", R"("{\"durable\":true}")");
    CHECK(is_error(answer));
    CHECK(answer.body.find("doubly-JSON-encoded") != std::string::npos);
    CHECK(world.call("GET", "/queues/%2F/q").status == 404);
}

TEST_CASE("bad input: headers and bodies that never end are cut off", "[admin][bad-input]") {
    HttpOptions impatient;
    impatient.header_timeout = impatient.body_timeout = std::chrono::milliseconds(20);
    ServerWorld world(impatient);
    const std::string head = "PUT /api/queues/%2F/q HTTP/1.1\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n";
    for (const std::string& begun :
         {std::string("G"), head, head + "Content-Length: 20\r\n\r\n{", head + "Transfer-Encoding: chunked\r\n\r\n5"}) {
        INFO(begun);
        boost::asio::io_context io;
        boost::asio::ip::tcp::socket socket(io);
        socket.connect({boost::asio::ip::make_address("127.0.0.1"), world.server.port()});
        boost::asio::write(socket, boost::asio::buffer(begun));
        std::string answer;
        boost::system::error_code ended;
        boost::asio::read(socket, boost::asio::dynamic_buffer(answer), ended); // or the test never ends
        CHECK(ended.failed());
        CHECK((answer.empty() || answer.starts_with("HTTP/1.1 400")));
    }
    CHECK(world.call("GET", "/queues/%2F/q").status == 404);
}

TEST_CASE("bad input: a refused definitions file changes nothing", "[admin][bad-input][definitions]") {
    ServerWorld world;
    const Answer answer = world.call("POST", "/definitions", R"({
        "vhosts": [{"name": "new"}],
        "queues": [{"name": "q", "vhost": "new", "durable": true, "auto_delete": false, "arguments": {}},
                   {"name": "bad", "vhost": "new", "durable": "perhaps", "arguments": 5}]})");
    CHECK(is_error(answer));
    CHECK(world.call("GET", "/vhosts/new").status == 404);
}

TEST_CASE("bad input: broken escapes and queries", "[admin][bad-input][A6]") {
    ServerWorld world;
    for (const char* path : {"/queues/%", "/queues/%2", "/queues/%zz", "/queues?name=%4", "/queues?%=1",
                             "/queues?page=1&page_size=99999999999999999999", "/queues?page=0", "/queues?page=-1",
                             "/queues?page=1&use_regex=true&name=(", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r"}) {
        INFO(path);
        const Answer answer = world.call("GET", path);
        CHECK(answer.status == 400);
        CHECK(is_error(answer));
    }
    for (const char* path : {"/queues/%00", "/queues/%FF", "/queues/%2F/%2e%2e", "/queues/..%2f..%2fetc"}) {
        INFO(path);
        CHECK(is_error(world.call("GET", path)));
    }
}

TEST_CASE("bad input: a thousand idle connections keep nobody out", "[admin][bad-input]") {
    ServerWorld world;
    boost::asio::io_context io;
    std::vector<std::unique_ptr<boost::asio::ip::tcp::socket>> idle;
    for (int i = 0; i < 1'000; ++i) {
        idle.push_back(std::make_unique<boost::asio::ip::tcp::socket>(io));
        boost::system::error_code ignored;
        idle.back()->connect({boost::asio::ip::make_address("127.0.0.1"), world.server.port()}, ignored);
    }
    CHECK(world.call("GET", "/whoami").status == 200);
}
