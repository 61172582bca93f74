// The server as a program that speaks HTTP sees it: who is let in, what is too much, what the answers carry.
#include "broker/admin/route_table.hpp"
#include "tests/unit/admin/server_world.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace broker;
namespace json = boost::json;

namespace {

json::value body(std::string_view error, std::string_view reason) {
    return json::object{{"error", error}, {"reason", reason}};
}

} // namespace

TEST_CASE("http: who does not say who he is learns nothing", "[admin][http][A1]") {
    ServerWorld world;
    for (const Route& route : routes()) {
        INFO(route.path);
        const Answer answer = world.call(name(route.verb), concrete(route.path), {}, "");
        CHECK(answer.status == 401);
        CHECK(answer.body.empty());
        CHECK(answer.headers.at("www-authenticate") == "Basic realm=\"RabbitMQ Management\"");
    }
    CHECK(world.call("GET", "/nothing/here", {}, "").status == 401);
    CHECK(world.call("OPTIONS", "/overview", {}, "").status == 401);
}

TEST_CASE("http: wrong credentials and missing tags are 401, each in its words", "[admin][http][A1]") {
    ServerWorld world;
    world.node.add_user("nobody", {});
    world.node.add_user("clerk", {"management"});
    CHECK(world.call("GET", "/whoami", {}, "stranger").json() == body("not_authorized", "Not_Authorized"));
    CHECK(world.call("GET", "/whoami", {}, "nobody").json() == body("not_authorised", "Not management user"));
    CHECK(world.call("GET", "/users", {}, "clerk").json() == body("not_authorised", "Not administrator user"));
    CHECK(world.call("GET", "/nodes", {}, "clerk").json() == body("not_authorised", "Not monitor user"));
    CHECK(world.call("GET", "/queues/%2F", {}, "clerk").json() ==
          body("not_authorised", "User not authorised to access virtual host"));
    CHECK(world.call("GET", "/whoami", {}, "clerk").status == 200);
    const std::string broken = world.raw("GET /api/whoami HTTP/1.0\r\nAuthorization: Basic ???\r\n\r\n");
    CHECK(broken.starts_with("HTTP/1.0 401"));
}

TEST_CASE("http: tags decide about every route", "[admin][http][A11]") {
    ServerWorld world;
    for (const auto& [tag, text] : {std::pair{Tag::management, "management"},
                                    {Tag::policymaker, "policymaker"},
                                    {Tag::monitoring, "monitoring"}}) {
        world.node.add_user(text, {text});
        const UserPtr user = world.node.users().table()->find(text);
        for (const Route& route : routes()) {
            if (route.verb != Verb::get || has_tag(*user, route.tag)) {
                continue;
            }
            INFO(text << ' ' << route.path);
            const Answer answer = world.call("GET", concrete(route.path), {}, text);
            CHECK(answer.json() == body("not_authorised", refusal(route.tag)));
        }
    }
}

TEST_CASE("http: paths, verbs and objects that are not there", "[admin][http][A3]") {
    ServerWorld world;
    CHECK(world.call("GET", "/nothing").status == 404);
    CHECK(world.call("GET", "/queues/nowhere").json() == body("Object Not Found", "Not Found"));
    const Answer wrong_verb = world.call("DELETE", "/overview");
    CHECK(wrong_verb.status == 405);
    CHECK(wrong_verb.headers.at("allow") == "HEAD, GET, OPTIONS");
    const Answer options = world.call("OPTIONS", "/queues/%2F/q");
    CHECK(options.status == 200);
    CHECK(options.headers.at("allow") == "DELETE, HEAD, GET, PUT, OPTIONS");
    CHECK(world.call("GET", "/queues/%2").status == 400);
}

TEST_CASE("http: HEAD is GET without the body", "[admin][http][A2]") {
    ServerWorld world;
    const Answer get = world.call("GET", "/whoami"), head = world.call("HEAD", "/whoami");
    CHECK(head.status == 200);
    CHECK(head.body.empty());
    CHECK(head.headers.at("content-length") == std::to_string(get.body.size()));
}

TEST_CASE("http: every answer carries the headers that protect browsers", "[admin][http]") {
    ServerWorld world;
    for (const Answer& answer :
         {world.call("GET", "/whoami"), world.call("GET", "/nothing"), world.call("GET", "/whoami", {}, "")}) {
        CHECK(answer.headers.at("x-content-type-options") == "nosniff");
        CHECK(answer.headers.at("content-security-policy").find("default-src 'none'") == 0);
        CHECK(answer.headers.at("cache-control") == "no-cache, no-store");
        CHECK(answer.headers.at("vary") == "accept-encoding, origin");
    }
    CHECK(world.call("GET", "/whoami").headers.at("content-type") == "application/json");
}

TEST_CASE("http: where names are listed, no other Host is answered, whatever is asked for", "[admin][http]") {
    HttpOptions options;
    options.allowed_hosts = {"broker.example"};
    ServerWorld world(options);
    const auto ask = [&](std::string_view request, std::string_view host) {
        return world.raw(std::string(request) + " HTTP/1.1\r\nHost: " + std::string(host) +
                         "\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\nConnection: close\r\n\r\n");
    };
    for (const std::string_view request : {"GET /api/whoami", "GET /", "GET /metrics", "OPTIONS /api/whoami"}) {
        INFO(request);
        CHECK(ask(request, "broker.example:15672").starts_with("HTTP/1.1 200"));
        const std::string refused = ask(request, "fox.example:15672");
        CHECK(refused.starts_with("HTTP/1.1 403"));
        CHECK_THAT(refused, Catch::Contains("leveret.management.allowed_hosts"));
    }
    CHECK(ask("POST /api/login", "fox.example").starts_with("HTTP/1.1 403"));
    CHECK(world.raw("GET /api/whoami HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 403"));
    CHECK(world.call("GET", "/whoami").status == 403); // localhost has to be listed, too
}

TEST_CASE("http: a change from a page of another origin is refused", "[admin][http]") {
    ServerWorld world;
    const auto put = [&](std::string_view origin) {
        return world.raw(
            "PUT /api/queues/%2F/q HTTP/1.0\r\nHost: here:15672\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n"
            "Origin: " +
            std::string(origin) + "\r\nContent-Length: 0\r\n\r\n");
    };
    for (const std::string_view origin : {"http://there", "null", "http://here:15672.there", "http://xhere:15672"}) {
        INFO(origin);
        CHECK(put(origin).starts_with("HTTP/1.0 403"));
    }
    CHECK(put("http://here:15672").starts_with("HTTP/1.0 201"));
}

TEST_CASE("http: too much is refused before it is read", "[admin][http][A4]") {
    ServerWorld world;
    const std::string login = "Authorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n";
    SECTION("a body that says that it is too long") {
        const std::string answer =
            world.raw("PUT /api/queues/%2F/q HTTP/1.1\r\n" + login + "Content-Length: 99999999999\r\n\r\nx");
        CHECK(answer.starts_with("HTTP/1.1 400"));
        CHECK(answer.find("Exceeded HTTP request body size limit") != std::string::npos);
    }
    SECTION("one that comes in chunks") {
        std::string request = "PUT /api/users/u HTTP/1.1\r\n" + login + "Transfer-Encoding: chunked\r\n\r\n";
        for (int i = 0; i < 16; ++i) {
            request += "400\r\n" + std::string(1024, ' ') + "\r\n";
        }
        CHECK(world.raw(request + "0\r\n\r\n").starts_with("HTTP/1.1 400"));
    }
    SECTION("a header") {
        CHECK(world.raw("GET /api/whoami HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n")
                  .starts_with("HTTP/1.1 431"));
    }
    SECTION("what is not HTTP") {
        CHECK(world.raw("AMQP\0\0\x9\1 what\r\n\r\n").starts_with("HTTP/1.1 400"));
    }
    CHECK(world.call("GET", "/whoami").status == 200);
}

// {"durable":true}, as gzip writes it.
TEST_CASE("http: a packed body is not unpacked", "[admin][http][A4]") {
    constexpr std::string_view packed(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\x56\x4a\x29\x2d\x4a\x4c\xca\x49\x55\xb2\x2a"
        "\x29\x2a\x4d\xad\x05\x00\x54\xd7\x29\x81\x10\x00\x00\x00",
        36);
    ServerWorld world;
    const std::string head = "PUT /api/queues/%2F/packed HTTP/1.1\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n"
                             "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 36\r\n\r\n";
    CHECK(world.raw(head + std::string(packed)).starts_with("HTTP/1.1 400"));
    CHECK(world.call("GET", "/queues/%2F/packed").status == 404);
}

TEST_CASE("http: one connection serves many requests", "[admin][http]") {
    ServerWorld world;
    const std::string one = "GET /api/whoami HTTP/1.1\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n\r\n";
    const std::string answers = world.raw(one + one + "GET /api/whoami HTTP/1.1\r\nConnection: close\r\n\r\n");
    std::size_t ok = 0;
    for (std::size_t at = answers.find("200 OK"); at != std::string::npos; at = answers.find("200 OK", at + 1)) {
        ++ok;
    }
    CHECK(ok == 2);
    CHECK(answers.find("401 Unauthorized") != std::string::npos);
}

TEST_CASE("http: a server that cannot listen says so in one line", "[admin][http]") {
    ServerWorld world;
    HttpOptions options;
    options.address = "127.0.0.1";
    options.port = world.server.port();
    HttpServer second(world.node, options);
    CHECK_THROWS_WITH(second.start(), Catch::Contains("cannot listen on 127.0.0.1:" + std::to_string(options.port)));
    options.address = "nowhere";
    HttpServer third(world.node, options);
    CHECK_THROWS(third.start());
}

TEST_CASE("http: a server can be stopped while clients are connected", "[admin][http]") {
    ServerWorld world;
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket idle(io), in_the_middle(io);
    for (auto* socket : {&idle, &in_the_middle}) {
        socket->connect({boost::asio::ip::make_address("127.0.0.1"), world.server.port()});
    }
    const std::string begun = "GET /api/whoami HTTP/1.1\r\n";
    boost::asio::write(in_the_middle, boost::asio::buffer(begun));
    CHECK(world.call("GET", "/whoami").status == 200); // accepted last, so by now it knows the others, too
    world.server.stop();
    for (auto* socket : {&idle, &in_the_middle}) {
        boost::system::error_code error;
        char octet = 0;
        CHECK(socket->read_some(boost::asio::buffer(&octet, 1), error) == 0);
        CHECK(error.failed());
    }
    world.server.stop();
}

TEST_CASE("http: requests that never end keep nobody out", "[admin][http][limits]") {
    const std::string begun = GENERATE(as<std::string>(), "GET /api/whoami HTTP/1.1\r\n", "GET",
                                       "POST /api/login HTTP/1.1\r\nContent-Length: 29\r\n\r\nusername");
    HttpOptions options;
    options.max_connections = 4;
    ServerWorld world(options);
    boost::asio::io_context io;
    std::vector<boost::asio::ip::tcp::socket> slow;
    for (std::size_t i = 0; i < 5 * options.max_connections; ++i) {
        boost::system::error_code error; // it may have made room already
        slow.emplace_back(io).connect({boost::asio::ip::make_address("127.0.0.1"), world.server.port()});
        boost::asio::write(slow.back(), boost::asio::buffer(begun), error);
    }
    CHECK(world.call("GET", "/whoami").status == 200);
}

TEST_CASE("http: who asks for gzip gets it, when there is something to compress", "[admin][http][A2]") {
    ServerWorld world;
    const auto get = [&](std::string_view path, std::string_view encodings) {
        return world.raw("GET " + std::string(path) + " HTTP/1.0\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n" +
                         "Accept-Encoding: " + std::string(encodings) + "\r\n\r\n");
    };
    const std::string compressed = get("/api/overview", "deflate, gzip");
    CHECK(compressed.find("Content-Encoding: gzip") != std::string::npos);
    CHECK(compressed.substr(compressed.find("\r\n\r\n") + 4).starts_with("\x1f\x8b"));
    CHECK(compressed.size() < get("/api/overview", "identity").size());
    CHECK(get("/api/overview", "gzip;q=0").find("Content-Encoding") == std::string::npos);
    CHECK(get("/api/whoami", "gzip").find("Content-Encoding") == std::string::npos);
}

TEST_CASE("http: pages of allowed origins may call", "[admin][http][A2]") {
    HttpOptions options;
    options.cors_origins = {"https://friend.example"};
    ServerWorld world(options);
    const auto ask = [&](std::string_view verb, std::string_view origin, std::string_view login) {
        return world.raw(std::string(verb) + " /api/vhosts/new HTTP/1.0\r\nHost: here\r\nOrigin: " +
                         std::string(origin) + "\r\n" + std::string(login) + "\r\n");
    };
    constexpr std::string_view guest = "Authorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n";
    const std::string asked = ask("OPTIONS", "https://friend.example", "");
    CHECK(asked.starts_with("HTTP/1.0 200"));
    CHECK(asked.find("Access-Control-Allow-Origin: https://friend.example\r\n") != std::string::npos);
    CHECK(asked.find("Access-Control-Allow-Methods: ") != std::string::npos);
    CHECK(ask("OPTIONS", "https://foe.example", "").starts_with("HTTP/1.0 401"));
    CHECK(ask("PUT", "https://foe.example", guest).starts_with("HTTP/1.0 403"));
    const std::string put = ask("PUT", "https://friend.example", guest);
    CHECK(put.starts_with("HTTP/1.0 201"));
    CHECK(put.find("Access-Control-Allow-Origin: https://friend.example\r\n") != std::string::npos);
    CHECK(ask("GET", "https://foe.example", guest).find("Access-Control") == std::string::npos);
}
