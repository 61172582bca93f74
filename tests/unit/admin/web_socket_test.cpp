// The opening handshake of WebSocket: who gets 101, and what everybody else is told.
#include "tests/unit/admin/server_world.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace broker;

namespace {

using Fields = std::map<std::string, std::string>;

const Fields good{{"Host", "localhost"},
                  {"Connection", "keep-alive, Upgrade"},
                  {"Upgrade", "websocket"},
                  {"Sec-WebSocket-Version", "13"},
                  {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};

std::string request(const Fields& changes = {}, std::string_view path = "/ws") {
    Fields fields = good;
    for (const auto& [name, value] : changes) {
        fields[name] = value;
    }
    std::string text = "GET " + std::string(path) + " HTTP/1.1\r\n";
    for (const auto& [name, value] : fields) {
        text += name + ": " + value + "\r\n";
    }
    return text + "\r\n";
}

std::string status(const std::string& answer) {
    return answer.substr(0, std::string_view("HTTP/1.1 101").size());
}

} // namespace

TEST_CASE("web socket handshake: the proof is that of RFC 6455, amqp is agreed on where it is offered",
          "[admin][websocket]") {
    ServerWorld world;
    for (const std::string path : {"/ws", "/ws/amqp", "/ws?x=y"}) {
        CAPTURE(path);
        const std::string answer = world.raw(request({}, path));
        CHECK(status(answer) == "HTTP/1.1 101");
        CHECK_THAT(answer, Catch::Contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        CHECK_THAT(answer, Catch::Contains("connection: upgrade\r\n", Catch::CaseSensitive::No) &&
                               Catch::Contains("upgrade: websocket\r\n"));
        CHECK_THAT(answer, !Catch::Contains("rotocol:", Catch::CaseSensitive::No));
        CHECK_THAT(answer, !Catch::Contains("content-length", Catch::CaseSensitive::No));
    }
    const std::string agreed = world.raw(request({{"Sec-WebSocket-Protocol", "mqtt, amqp"}}));
    CHECK_THAT(agreed, Catch::Contains("sec-websocket-protocol: amqp\r\n"));
    // What is not understood is not agreed on.
    const std::string plain = world.raw(request({{"Sec-WebSocket-Extensions", "permessage-deflate"}}));
    CHECK(status(plain) == "HTTP/1.1 101");
    CHECK_THAT(plain, !Catch::Contains("extensions", Catch::CaseSensitive::No));
}

TEST_CASE("web socket handshake: what cannot be is refused", "[admin][websocket]") {
    ServerWorld world;
    CHECK(status(world.raw(request({{"Sec-WebSocket-Protocol", "mqtt"}}))) == "HTTP/1.1 400");
    CHECK(status(world.raw(request({{"Sec-WebSocket-Key", "short"}}))) == "HTTP/1.1 400");
    CHECK(status(world.raw(request() + "too early")) == "HTTP/1.1 400");
    CHECK(status(world.raw(request({{"Content-Length", "3"}}) + "abc")) == "HTTP/1.1 400");
    const std::string older = world.raw(request({{"Sec-WebSocket-Version", "8"}}));
    CHECK(status(older) == "HTTP/1.1 426");
    CHECK_THAT(older, Catch::Contains("sec-websocket-version: 13\r\n"));
    // No upgrade, or not here: a path like any other.
    CHECK(status(world.raw(request({{"Upgrade", "h2c"}, {"Connection", "upgrade, close"}}))) == "HTTP/1.1 401");
    CHECK(status(world.raw(request({{"Connection", "upgrade, close"}}, "/ws/mqtt"))) == "HTTP/1.1 401");
}

TEST_CASE("web socket handshake: pages of other origins are refused, programs have none", "[admin][websocket]") {
    HttpOptions options;
    options.cors_origins = {"https://burrow.example"};
    options.path_prefix = "/prefix";
    ServerWorld world(options);
    const auto from = [&](const std::string& origin) {
        return status(world.raw(request({{"Origin", origin}}, "/prefix/ws")));
    };
    CHECK(from("http://localhost") == "HTTP/1.1 101");
    CHECK(from("https://burrow.example") == "HTTP/1.1 101");
    CHECK(from("http://localhost:8080") == "HTTP/1.1 403");
    CHECK(from("https://fox.example") == "HTTP/1.1 403");
    CHECK(from("null") == "HTTP/1.1 403");
    CHECK(status(world.raw(request({}, "/prefix/ws"))) == "HTTP/1.1 101");
}

TEST_CASE("web socket handshake: neither where it is switched off nor on the port of the metrics",
          "[admin][websocket]") {
    const Fields last{{"Connection", "upgrade, close"}};
    HttpOptions options;
    options.web_socket = false;
    ServerWorld without(options);
    CHECK(status(without.raw(request(last))) == "HTTP/1.1 401");
    options.web_socket = true;
    options.service = HttpService::metrics;
    ServerWorld metrics(options);
    CHECK(status(metrics.raw(request(last))) == "HTTP/1.1 404");
}
