// What broken or malicious clients send: an error in two words, never a crash, never 5xx, nothing half applied.
#include "broker/admin/route_table.hpp"
#include "tests/unit/admin/server_world.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json/object.hpp>

#include <catch2/catch.hpp>

#include <memory>

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
           route.path.ends_with("/start/{node}");
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
